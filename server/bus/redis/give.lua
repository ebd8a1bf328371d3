-- Gives a token back. KEYS: a bucket. ARGV: the microseconds between tokens.
local at = tonumber(redis.call('GET', KEYS[1]))
if not at then
  return 0
end
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
at = at - tonumber(ARGV[1])
if at <= now then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000))
end
return 0
