#!lua
-- Moves one acceptor from epoch e to e+1, or from the blank stamp to any. The rules of installConfiguration() in libs/caspaxos/src/acceptor.ts, said
-- again in Lua. Who votes is decided elsewhere (a register under the old epoch); this only installs it.
-- KEYS: zonehold:cfg
-- ARGV: self, expected stamp, next stamp, next configuration, its MAC
local cfg = redis.call('HMGET', KEYS[1], 'self', 'stamp', 'config', 'configMac', 'seq')
if not cfg[1] then
  return { 'wiped' }
end
if cfg[1] ~= ARGV[1] then
  return { 'foreign' }
end
if cfg[2] == ARGV[3] then
  return { 'installed', cfg[5] }
end
-- Epochs are counted one by one and stay far below 2^53: unlike ballots they may be numbers.
local epoch = tonumber(string.sub(ARGV[2], 1, 16), 16)
local nextEpoch = tonumber(string.sub(ARGV[3], 1, 16), 16)
if cfg[2] ~= ARGV[2] or (epoch ~= 0 and nextEpoch ~= epoch + 1) then
  return { 'stale-epoch', cfg[3], cfg[4] }
end
if not cfg[5] or not string.find(cfg[5], '^%d+$') or #cfg[5] > 15 then
  return redis.error_reply('ZONEHOLD the sequence of this acceptor is not a number')
end
redis.call('HSET', KEYS[1], 'stamp', ARGV[3], 'config', ARGV[4], 'configMac', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'seq', 1)
return { 'installed', redis.call('HGET', KEYS[1], 'seq') }
