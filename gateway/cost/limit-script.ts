/**
 * The algorithm of limits in memory as one atomic script on Redis's own clock, so that any number of gateways admit
 * exactly what one would. KEYS: one per demand. ARGV: `decide`, `look` (changes nothing) or `settle`; then
 * five per key:
 *
 *   b  size   rate      points (below zero: given back)         -
 *   c  most   lasts ms  calls                                   what there has been at least; most -1: never refuses
 *   s  most   lease ms  1 hold, 2 hold on, -1 free              who holds
 *
 * Answers { admitted, then for each key: value, reset ms, wait ms, before }; the value of a bucket is what is
 * available, else what is used; before is -1 for a counter that knew nothing.
 */
export const limitScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local purpose = ARGV[1]
local demands = {}
local admitted = 1
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 5 + 1
  local d = { kind = ARGV[at + 1], a = tonumber(ARGV[at + 2]), b = tonumber(ARGV[at + 3]),
    amount = tonumber(ARGV[at + 4]), c = ARGV[at + 5], wait = 0, before = -1 }
  if d.kind == 'b' then
    d.ms = 1000 / d.b
    d.debt = 0
    local stored = redis.call('GET', key)
    if stored then
      local fullAt, ms = string.match(stored, '^(%S+) (%S+)$')
      d.debt = math.max(0, tonumber(fullAt) - now) * d.ms / tonumber(ms)
    end
    local excess = d.debt + (d.amount - d.a) * d.ms
    if d.amount > 0 and excess > 0.001 then d.wait = math.ceil(excess) end
  elseif d.kind == 'c' then
    local stored = redis.call('GET', key)
    d.reset = d.b
    if stored then
      d.before = tonumber(stored)
      d.reset = math.max(1, redis.call('PTTL', key))
    end
    d.used = math.max(d.before, tonumber(d.c), 0)
    if d.a >= 0 and d.amount > 0 and d.used + d.amount > d.a then d.wait = math.max(1, math.ceil(d.reset)) end
  else
    redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now))
    d.used = redis.call('ZCARD', key)
    if d.amount == 1 and d.used >= d.a then d.wait = 1000 end
  end
  if purpose == 'decide' and d.wait > 0 then admitted = 0 end
  demands[i] = d
end
if purpose == 'look' then admitted = 0 end
local answer = { admitted }
for i, key in ipairs(KEYS) do
  local d = demands[i]
  local value, reset = d.used, d.reset or 0
  if d.kind == 'b' then
    if admitted == 1 and d.amount ~= 0 then
      d.debt = math.max(0, d.debt + d.amount * d.ms)
      local stored = string.format('%.4f %.9f', now + d.debt, d.ms)
      redis.call('SET', key, stored, 'PX', math.max(1, math.ceil(d.debt)))
    end
    value, reset = math.max(0, math.floor(d.a - d.debt / d.ms + 0.000001)), math.ceil(d.debt)
  elseif admitted == 1 and d.kind == 'c' and d.amount > 0 then
    value = d.used + d.amount
    redis.call('SET', key, value, 'PX', math.max(1, math.ceil(d.reset)))
  elseif admitted == 1 and d.kind == 's' and d.amount ~= 0 then
    if d.amount > 0 then
      redis.call('ZADD', key, string.format('%.0f', now + d.b), d.c)
      redis.call('PEXPIRE', key, d.b)
    else
      redis.call('ZREM', key, d.c)
    end
    value = redis.call('ZCARD', key)
  end
  table.insert(answer, value)
  table.insert(answer, math.ceil(reset))
  table.insert(answer, d.wait)
  table.insert(answer, d.before)
end
return answer
`
