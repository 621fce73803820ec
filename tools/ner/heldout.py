#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Labelled texts for judging: templates that no training text uses, other names by seed.

usage: heldout.py DATA OUT.jsonl[.gz] [--n 1200] [--seed 99]
"""
import argparse

import texts

TEMPLATES = r'''
yo its me {lowfirst}, lost my phone again. txt me at {phone}
so {lowfirst} wants to return the {word} but {lowfirst} said no??
My neighbour {full} keeps parking in front of my garage. What can I do legally?
Draft a polite reminder to {first} {last} that the {word} was due on {date}.
Could you proofread this? "Dear Ms {last}, we regret that your application was unsuccessful. Sincerely, {full}, {org}"
I'm writing on behalf of my mother, {full=a}. {=a.f} turned {n} in May and lives alone in {city}.
Meeting moved. {first}, {first} and I will join from {city}; {last} dials in.
We hired {full} as a nurse in {n4}. She came from {city}.
Ticket {n4} (opened by {full}): {word} does not arrive. Assigned -> {first}.
Shipment for {full}: {unit_street}, {city}. Leave with {first} next door.
Where is {street}, {city}? Is it far from {xlast} Park?
Invoice to\n{full}\n{org}\n{street}\n{zip} {city}\n\nAmount due: {n4}
Guest name        Room   Nights\n{full}      {n}   {n}\n{full}      {n}   {n}
Emergency contact - {full} (sister), {phone}
Beneficiary / {full} / {key} {n4}
applicant_name="{full}" applicant_city="{city}" score={n}
<<"sender": <<"displayName": "{full}", "address": "{mail}">>, "importance": "high">>
<<"event":"signup","props":<<"fullName":"{low}","country":"{country}","ref":"{hex}">>>>
author: {full}\ntitle: {thing}\ndate: {date}\n---\nText by {first}.
{date} {n}:{n} [sshd]: session opened for {word} by {word}
WARN {Word}Pool exhausted; {thing} {verb}; retry {n}
def greet(name="{first}"):\n    return "hello " + name
def total_{word}(rows):\n    # {full} asked for this in {n4}\n    return sum(rows)
student,grade,teacher\n{full},{n},{last}\n{full},{n},{last}
{last} {first};{n4};{date}\n{last} {first};{n4};{date}
Witness statement of {full=a}, {street}, {city}: "I, {=a}, saw {first} leave."
IN THE MATTER OF {up} v. {up}, {city}, {date}
The will names {full} and {full} as executors; Mark the envelope "urgent".
Will {first} be there? May I bring {first}?
[Thx|Ta] {first}!! see u in {city} x
Vielen Dank, Frau Dr. {last}. Gruß, {first}
Gracias {first}, mañana te llamo. {last}
{full} (born {date} in {city}, {country}) is a painter.
Film by {full} with {full} and {full}, shot in {city}.
In {n4}, {last} and {last} showed that the {word} is stable ({last} et al., {n4}).
{city}: {full} elected mayor, beats {last} by {n} votes
{last}'s goal sends {city} through; coach {full} praises {first} {last}
{full}'s lawyer, {full}, told the court in {city} the {word} was {verb}.
Police in {city} are looking for {full}, {n}, last seen near {xlast} Road.
I watched a film about {thing} with {first} in {city}.
The {thing} section of {org}'s handbook was {verb}.
Build {n}.{n} of {thing} {verb} on {date}
{n} x {word}, {n} x {word}, total {n4}
Ask Alexa to play {thing} and tell Claude to summarise the {word}.
Please mark the {word} as {verb} and bill {org}.
passenger: {up}  seat {n}A  {city} - {city}
To whom it may concern: {full=a} rented {unit_street} from {date}. Mr {=a.l} paid on time.
- [x] {first}: {word}\n- [ ] {first}: {word}\n- [ ] all: {word}
{full}, CPA | {org} | {phone} | {mail}
Speaker 1 ({first}): the {word}?\nSpeaker 2 ({first}): {verb} by {last}.
{native} asked {full} for the {word}
Kontakt: {native}, {city}
Customer no. {n4}, {full}, complains about her {word}; refund approved by {first}.
Reminder: {first}'s birthday {date}, buy a {word} for {first} too
who is {low} and why do they call from {phone}
do i need a visa for {country}? {lowfirst} says no
Nurse {last} gave {full} the {word} at {n}:{n}; Dr {last} informed.
Payable to {full} only. Not {full}.
({first}, {first}, {first}) voted yes; {last} abstained.
'''


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data')
    p.add_argument('out')
    p.add_argument('--n', type=int, default=1200)
    p.add_argument('--seed', type=int, default=99)
    a = p.parse_args()
    templates = [t.replace('\\n', '\n') for t in TEMPLATES.strip('\n').split('\n')]
    texts.write(a.out, templates, a.n, a.data, a.seed)


if __name__ == '__main__':
    main()
