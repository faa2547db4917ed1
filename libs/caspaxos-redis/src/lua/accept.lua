#!lua
-- Phase 2 of a round on one acceptor: store a value under its ballot, with its line in the scope's list. The rules of
-- accept() in libs/caspaxos/src/acceptor.ts, said again in Lua; one contract runs against both. It checks no MAC.
-- KEYS: zonehold:cfg, {shard}:reg:<register>, {shard}:idx:all, {shard}:list:<scope>, {shard}:log:<scope>
-- ARGV: self, stamp, ballot, payload, mac, register (<scope>/<name>), name, summary (empty: no entry in the list),
--       then pairs of (peer, record of its seq)
-- Ballots are fixed-width hex and only ever compared as strings: a Lua number would lose digits.
local zero = string.rep('0', 32)
local fields = { 'self', 'stamp', 'seq' }
for i = 9, #ARGV, 2 do
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
local reg = redis.call('HMGET', KEYS[2], 'p', 'a', 'v')
local promise = reg[1] or zero
local accepted = reg[2] or zero
if accepted == ARGV[3] then
  if reg[3] == ARGV[4] then
    return { 'accepted', cfg[3] }
  end
  return { 'clash', cfg[3] }
end
if ARGV[3] < promise or ARGV[3] < accepted then
  return { 'conflict', cfg[3], promise, accepted }
end

-- Decimal without leading zeros, then a MAC of fixed length: the longer is the greater, then string order.
local writes = {}
for i = 9, #ARGV, 2 do
  local told, known = ARGV[i + 1], cfg[(i - 1) / 2] or '0'
  if #told > #known or (#told == #known and told > known) then
    writes[#writes + 1] = 'peer:' .. ARGV[i]
    writes[#writes + 1] = told
  end
end
-- A script is not rolled back. Were a key of a wrong type, it would stop here, at the list, the index or the log, with
-- nothing accepted and no line written. Register and configuration were read as hashes above, so the rest cannot fail.
redis.call('HGET', KEYS[4], ARGV[7])
redis.call('ZADD', KEYS[3], 0, ARGV[6])
-- The sequence that this accept gets below. '%.0f' is exact for what a double holds; tostring() would round it.
redis.call('ZADD', KEYS[5], string.format('%.0f', tonumber(cfg[3]) + 1), ARGV[7])
redis.call('HSET', KEYS[4], ARGV[7], ARGV[3] .. ARGV[8])
redis.call('HSET', KEYS[2], 'p', ARGV[3], 'a', ARGV[3], 'v', ARGV[4], 'm', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'seq', 1)
if #writes > 0 then
  redis.call('HSET', KEYS[1], unpack(writes))
end
return { 'accepted', redis.call('HGET', KEYS[1], 'seq') }
