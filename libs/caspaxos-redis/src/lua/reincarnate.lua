#!lua
-- Gives an acceptor of ours that is out of every configuration a new incarnation and the blank stamp. The rules of
-- reincarnate() in libs/caspaxos/src/acceptor.ts, said again in Lua. Registers stay.
-- KEYS: zonehold:cfg
-- ARGV: expected self, expected stamp, next self, blank stamp
local cfg = redis.call('HMGET', KEYS[1], 'self', 'stamp', 'config', 'configMac', 'seq')
if not cfg[1] then
  return { 'wiped' }
end
if cfg[1] ~= ARGV[1] then
  return { 'foreign' }
end
if cfg[2] ~= ARGV[2] then
  return { 'stale-epoch', cfg[3], cfg[4] }
end
if not cfg[5] or not string.find(cfg[5], '^%d+$') or #cfg[5] > 15 then
  return redis.error_reply('ZONEHOLD the sequence of this acceptor is not a number')
end
redis.call('HSET', KEYS[1], 'self', ARGV[3], 'stamp', ARGV[4], 'config', '', 'configMac', '')
redis.call('HINCRBY', KEYS[1], 'seq', 1)
return { 'installed', redis.call('HGET', KEYS[1], 'seq') }
