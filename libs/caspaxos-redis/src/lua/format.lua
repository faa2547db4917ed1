#!lua
-- Gives an empty Redis its identity and first configuration. Repeating it unchanged is allowed, anything else is refused:
-- the rules of format() in libs/caspaxos/src/acceptor.ts. It never erases.
-- KEYS: zonehold:cfg
-- ARGV: self, stamp, configuration, its MAC
local cfg = redis.call('HMGET', KEYS[1], 'self', 'stamp')
if cfg[1] == ARGV[1] and cfg[2] == ARGV[2] then
  return { 'installed' }
end
if redis.call('DBSIZE') ~= 0 then
  return { 'foreign' }
end
redis.call('HSET', KEYS[1], 'self', ARGV[1], 'stamp', ARGV[2], 'config', ARGV[3], 'configMac', ARGV[4], 'seq', '0')
return { 'installed' }
