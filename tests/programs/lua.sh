#!/bin/sh
# lua: tables, strings, closures, coroutines, and a collector that is often called.
. "$(dirname "$0")/run"
need lua5.4 lua5.4

cat >"$dir/churn.lua" <<'LUA'
local x = 1
local function rnd(n)
    x = (x * 1103515245 + 12345) % 2147483648
    return (x >> 8) % n + 1
end

local words, order = {}, {}
for i = 1, 200000 do
    local word = string.char(96 + rnd(26), 96 + rnd(26), 96 + rnd(26))
    if not words[word] then order[#order + 1] = word end
    words[word] = (words[word] or "") .. i .. ","
    if #words[word] > 200 then words[word] = "" end
end
table.sort(order)
local total = 0
for _, word in ipairs(order) do
    for number in words[word]:gmatch("%d+") do total = (total * 31 + number) % 1000000007 end
end
print("words", #order, total)

local function tree(depth)
    return depth == 0 and {} or {tree(depth - 1), tree(depth - 1), depth}
end
local function count(t)
    return t[1] and 1 + count(t[1]) + count(t[2]) or 1
end
local kept = tree(15)
local nodes = 0
for i = 1, 200 do nodes = nodes + count(tree(10)) end
print("nodes", nodes, count(kept))

local function numbers(n)
    return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end)
end
local sum = 0
for i = 1, 10000 do
    local add = function(v) sum = sum + v * i end
    for v in numbers(rnd(20)) do add(v) end
end
print("coroutines", sum)

local text = {}
for i = 1, 60000 do text[i] = ("%05d:%s"):format(i, ("x"):rep(rnd(60))) end
local long = table.concat(text, ";")
print("text", #long, select(2, long:gsub("x+", function(s) return #s end)))
collectgarbage()
print("objects left", collectgarbage("count") > 1000)
LUA
same "lua: tables, strings, closures, coroutines" lua5.4 lua5.4 "$dir/churn.lua"
