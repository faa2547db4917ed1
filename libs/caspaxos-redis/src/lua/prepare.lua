#!lua
-- Phase 1 of a round on one acceptor: promise a ballot, show what was accepted last. The rules of prepare() in
-- libs/caspaxos/src/acceptor.ts, said again in Lua; one contract runs against both. It checks no MAC.
-- KEYS: zonehold:cfg, {shard}:reg:<register>
-- ARGV: self, stamp, ballot, then pairs of (peer, record of its seq)
-- Ballots are fixed-width hex and only ever compared as strings: a Lua number would lose digits.
local zero = string.rep('0', 32)
local fields = { 'self', 'stamp', 'seq' }
for i = 4, #ARGV, 2 do
  fields[#fields + 1] = 'peer:' .. ARGV[i]
end
local cfg = redis.call('HMGET', KEYS[1], unpack(fields))
if not cfg[1] then
  return { 'wiped' }
end
if cfg[1] ~= ARGV[1] then
  return { 'foreign' }
end
if cfg[2] ~= ARGV[2] then
  local signed = redis.call('HMGET', KEYS[1], 'config', 'configMac')
  return { 'stale-epoch', signed[1], signed[2] }
end
-- Fifteen digits: HINCRBY below cannot overflow, nor leave what a double holds.
if not cfg[3] or not string.find(cfg[3], '^%d+$') or #cfg[3] > 15 then
  return redis.error_reply('ZONEHOLD the sequence of this acceptor is not a number')
end
local reg = redis.call('HMGET', KEYS[2], 'p', 'a', 'v', 'm')
local promise = reg[1] or zero
local accepted = reg[2] or zero
if ARGV[3] <= promise or ARGV[3] <= accepted then
  return { 'conflict', cfg[3], promise, accepted }
end

-- Decimal without leading zeros, then a MAC of fixed length: the longer is the greater, then string order.
local writes = {}
for i = 4, #ARGV, 2 do
  local told, known = ARGV[i + 1], cfg[i / 2 + 2] or '0'
  if #told > #known or (#told == #known and told > known) then
    writes[#writes + 1] = 'peer:' .. ARGV[i]
    writes[#writes + 1] = told
  end
end
redis.call('HSET', KEYS[2], 'p', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'seq', 1)
if #writes > 0 then
  redis.call('HSET', KEYS[1], unpack(writes))
end
return { 'promised', redis.call('HGET', KEYS[1], 'seq'), accepted, reg[3] or '', reg[4] or '' }
