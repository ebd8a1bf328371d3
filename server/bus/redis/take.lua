-- Takes a token from each bucket, or from none if one of them is empty.
-- KEYS: the buckets. ARGV: of each, the microseconds between tokens, and how
-- many tokens it holds. Answers how many microseconds to wait; 0: taken.
--
-- A bucket is when it will be full again: GCRA's "theoretical arrival time".
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local full, wait = {}, 0
for i, key in ipairs(KEYS) do
  local every, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local at = full[key] or tonumber(redis.call('GET', key)) or now
  at = math.min(math.max(at, now), now + every * burst) -- a clock that was set back makes it no emptier than empty
  full[key] = at + every
  wait = math.max(wait, at + every - every * burst - now)
end
if wait > 0 then
  return math.ceil(wait)
end
for key, at in pairs(full) do
  redis.call('SET', key, string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000))
end
return 0
