/**
 * Scripts that each run in one step. Each has one key, so that they run on a cluster, too; and also what only reads is a
 * script, so that no replica with an older version of a session is asked.
 */

/** A session is a hash: `HSET` keeps the time that it has left. */
export const CREATE = `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`;

export const GET = `return redis.call('HMGET', KEYS[1], 'sealed', 'version', 'sub', 'sid')`;

/** Returns what it has left, in ms; 0 where the session is gone or has another version. */
export const REPLACE = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'sub', 'sid')
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
if ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('PTTL', KEYS[1])
`;

/** Returns whether there was a session, and the indexes that it is in. */
export const DELETE = `
local index = redis.call('HMGET', KEYS[1], 'sub', 'sid')
return { redis.call('DEL', KEYS[1]), index[1] or '', index[2] or '' }
`;

/**
 * Notes in an index that a session lasts for so long: a sorted set by end, which ends with its last session. Returns the
 * sessions that are too many, those that end first.
 */
export const INDEX = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2]))
local surplus = redis.call('ZCARD', KEYS[1]) - ARGV[3]
if surplus <= 0 then return {} end
local first = redis.call('ZRANGE', KEYS[1], 0, surplus - 1)
redis.call('ZREM', KEYS[1], unpack(first))
return first
`;

export const MEMBERS = `return redis.call('ZRANGE', KEYS[1], 0, -1)`;

export const UNINDEX = `return redis.call('ZREM', KEYS[1], ARGV[1])`;

export const LOCK = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
`;

export const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;
