-- SPDX-License-Identifier: Apache-2.0
-- 1 KB chat requests, every body different: a name, a mail address, a phone number.
local first = { "Anna", "Maria", "James", "Robert", "Linda", "Peter", "Sofia", "David", "Laura", "Daniel" }
local last = { "Kowalska", "Fernandez", "Johnson", "Petersen", "Okafor", "Schmidt", "Rossi", "Tanaka", "Novak", "Brown" }
local filler = "Please summarise the attached meeting notes in three short bullet points and mention any open question " ..
  "about the delivery schedule, the packaging of the spare parts and the colour of the new brochure. Keep the tone " ..
  "friendly but brief, and do not repeat the agenda. The last paragraph of the notes is about the warehouse move, " ..
  "which you may leave out. If a date is missing, say so instead of guessing one. Thank you for your help with this. " ..
  "The reader has ten minutes before the next call starts, so put the most important point first and leave the rest " ..
  "for later. A short closing line is fine, a long one is not. "
local n, key = 0, os.getenv("BENCH_KEY")

function init(args)
  math.randomseed(os.time())
  n = math.random(1, 1000000)
  wrk.method = "POST"
  wrk.path = "/v1/chat/completions"
  wrk.headers["content-type"] = "application/json"
  wrk.headers["authorization"] = "Bearer " .. key
end

function request()
  n = n + 1
  local body = string.format(
    '{"model":"m","messages":[{"role":"system","content":"You are a helpful assistant for a small company."},' ..
    '{"role":"user","content":"%s Write the result to %s %s at %s%d@example.com or call +1 415 555 %04d. Case %d."}],' ..
    '"temperature":0.20,"max_tokens":300}',
    filler, first[n % 10 + 1], last[math.floor(n / 10) % 10 + 1], "user", n, n % 10000, n)
  return wrk.format(nil, nil, nil, body)
end
