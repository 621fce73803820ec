#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Labelled texts for training, in the shapes that real traffic has and edited text has not.

usage: generate.py DATA OUT.jsonl[.gz] [--n 8000] [--seed 11]
"""
import argparse
import re

import texts

TEMPLATES = r'''
{first}: [can|could] you [look at|check] the {word}?\n{first}: [sure|ok], {first} [has|sent] it already
hey {lowfirst}, did {lowfirst} [get|see] the {word}? [thx|thanks]
[its|it's] {lowfirst} from {lowcity}, my {word} is [late|broken]
i [live|work] in {lowcity} and my [boss|landlord|doctor] is {low}
[hi|hey|hello] this is {low}, i [need|want] a new {word}
ping {lowfirst} [after lunch|tomorrow|about the {word}]
tell {lowfirst} [that|the] {word} is [ready|gone]
can [u|you] call {low} at {phone}
{lowfirst} and {lowfirst} [are|were] late again, {lowfirst} was not
Hi, it's {first}, [new number is|my mobile is|call me on] {phone}
[Olá|Hola|Ciao|Salut|Hallo|Hej|Cześć|Bonjour|Merhaba|Ahoj|Szia] {first}, {verb} {n4}.
[Estimada|Estimado|Cara|Caro|Gentile|Liebe|Lieber|Chère|Cher|Beste|Kära|Szanowny|Sayın|Prezado|Prezada] {full},\n\n{word} {n4}.\n\n[Saludos|Cordiali saluti|Mit freundlichen Grüßen|Cordialement|Met vriendelijke groet|Pozdrawiam|Atenciosamente|Un abrazo],\n{full}
[Mit freundlichen Grüßen|Best|Kind regards|Yours sincerely|Cheers|Saluti|Cordialement]\n{lastfirst}
[Saludos|Danke|Grazie|Merci|Obrigado],\n{first}
Sehr geehrte Frau {last}, sehr geehrter Herr {last},\nanbei das {word}.
Monsieur {full} a quitté {city} le {date}.
{full} wohnt in der {street}, {zip} {city}.
El paciente {full} reside en {unit_street}, {city}, y su teléfono es {phone}.
La signora {full}, nata a {city} il {date}, risiede in {street}.
Cliente: {full}\nDirección: {unit_street}, {zip} {city}\nFono: {phone}
Kunde: {lastfirst}\nAnschrift: {street}, {zip} {city}\nTelefon: {phone}
Nom: {last}\nPrénom: {first}\nVille: {city}\nMontant: {n4}
{key}: {n4}\n{key}: {n4}\n[Contact|Kontakt|Contacto]: {phone}
{key}: {n4}\n{key}/{key}: {hex}\nName: {full}
RUT: {n4}-{n}\nNombre: {full}\nFono: {phone}
Aadhaar: {n4}-{n4}\nPAN: {hex}\nHolder: {up}
| Name | Mail | Phone |\n|---|---|---|\n| {full} | {mail} | {phone} |\n| {full} | {mail} | {phone} |
| {key} | {key} | Owner |\n|---|---|---|\n| {n4} | {thing} | {first} |\n| {n4} | {word} | {first} |
name;{key};city\n{full};{n4};{city}\n{full};{n4};{city}
nachname,vorname,ort,{key}\n{last},{first},{city},{n4}\n{last},{first},{city},{n4}
id\t{key}\tname\tstate\n{n}\t{n4}\t{full}\t{state}\n{n}\t{n4}\t{full}\t{state}
"{lastfirst}","{city}","{n4}"\n"{lastfirst}","{city}","{n4}"
{n},{up},{n4},{city}\n{n},{up},{n4},{city}
{date};{full};{street};{zip};{city}
<<"role":"user","content":"[Book|Reserve] a [table|room|flight] for {full}, {phone}">>
<<"messages":(:<<"role":"user","content":"[Translate|Summarise|Rewrite] this: Dear Mr. {last}, your [flight|train] to {city} is {verb}.">>:)>>
<<"shipTo":"{full}\\n{street}\\n{city} {zip}","tracking":"{hex}">>
<<"customer":<<"first_name":"{first}","last_name":"{last}","address":"{unit_street}","city":"{city}","zip":"{zip}">>>>
<<"title":"{thing}","assignee":"{first}","labels":(:"{word}","{key}":)>>
<<"patient":"{full}","ward":"{thing}","physician":"Dr. {last}">>
<<'name': '{full}', 'home': '{city}', 'id': {n4}>>
<person><given>{first}</given><family>{last}</family><town>{city}</town></person>
<[Customer|Name|Owner]>{full}</[Customer|Name|Owner]><{key}>{n4}</{key}>
user:\n  name: {full}\n  city: {city}\n  plan: {word}
- name: "{full}"\n  role: [admin|editor|owner]\n- name: "{full}"\n  role: viewer
owner = "{full}"\nregion = "{word}"\nversion = "{n}.{n}"
author="{full}" version="{n}.{n}" title="{thing}"
[{date}|{n4}] [INFO|WARN|ERROR] [auth|billing|mailer]: {verb} {word} for {full} reason={word}
{date} app(:{n4}:): rejected card {n4} for {full} reason=expired
{date} {word}-service DEBUG {Word}Handler started in {n} ms
{date} INFO {Word}{Word}Service - {thing} {verb}
level=info msg="{word} {verb}" user="{full}" id={hex}
user={word} action={verb} item={word}
From: {full} <{mail}>\nTo: {full} <{mail}>\nSubject: {thing}\n\n[Hi|Dear|Hello] {first},\n\nthe {word} was {verb}.\n\n{first}
From: "{lastfirst}" <{mail}>\nCc: {mail}, {mail}\nSubject: Re: {word}
On {date}, {full} wrote:\n> [Could|Can] you send the {word} to {first}?
> {first} wrote:\n> {Word} {verb}.\n\n[Done|Sent], {first}.
commit {hex}{hex}\nAuthor: {full} <{mail}>\n\n    [Fix|Add|Remove] {word} [handling|tests]
Reviewed-by: {full} <{mail}>\nTested-by: {first} {last} <{mail}>
# Author: {full}\nimport {word}\n\ndef {word}(): pass
// TODO({word}): {verb} {word}
/* Copyright (c) {n4} {full} */
assert check("{n4}")\nassert not check("{n4}")
assert {word}("{full}") == "{word}"
print(luhn("{n4}"), iban("{hex}"))
SELECT name FROM users WHERE city = '{city}' AND name LIKE '{last}%';
INSERT INTO people VALUES ({n}, '{full}', '{street}', '{city}');
const [buyer|user|owner] = <<name: '{full}', id: {n4}>>;
export class {Word}{Word}Controller extends Base{Word} <<>>
git checkout {hex} && npm run {word}
[Anonymise|Redact|Pseudonymise|Extract|List]: patient {full}, {key} {n4}, {word}.
[Anonymise|Check|Translate|Verify|Rewrite|Summarise] the {word} [please|now].
Extract the names: {full}, {org}, {city}, {full}.
Here is my [CV|profile]: {full}, {unit_street}, {zip} {city}, {phone}
Write a [letter|poem|toast] for {full}, who lives in {city}.
My name is {full} and I live at {unit_street}, {city}. [Please|Can you] {word} {n4}.
You are talking to {first}, a [customer|member] from {country}.
Is {first} [coming|in] today? {last} is [ill|away].
{full}, {n}, of {unit_street}, {city}, was fined {n4}. {last} declined to comment.
{full=a}, {n} years old, living at {street} in {city}. {=a.l} has been told.
"{thing}," said {full=a}. {=a.l} added that {last} had kept the only copy.
Dr. {last=a} referred {full} to Prof. {last}. Dr. {=a}'s notes mention a {word}.
seen on {date} by Dr {last}.
The revised {word} goes to {xlast} [Street|Road|Hall|Park] on {date}.
{org} and {org} [merged|opened an office] in {city}.
{org} moved from {city} to {street}, {zip} {city}.
The [trial|race|fair] in {city} was won by {full} ([{country}|{city}]).
{lastfirst}; {lastfirst}; {lastfirst}. {thing}. {city}, {n4}.
[Attendees|Present|Guests|Shortlist]: {lastfirst}; {lastfirst}; {first}
[Present|Absent]:\n* {full}\n* {full} ({org})\n* {first}
Team A: {last}, {last}, {last} and {last}
{n}. {full} - {city}\n{n}. {full} - {city}\n{n}. {full} - {city}
1) {up}\n2) {up}
{up}\n{street}\n{zip} {city}
{full}\n{unit_street}\n{city}, {state} {zip}
{org}\nAttn {full}\n{street}\n{city} {zip}\n{country}
[Ship|Deliver|Send] [it |]to {unit_street}, {zip} {city}[.|, c/o {full}.]
New address: {unit_street}, {city} {zip}, phone {phone}
Please book a [hotel|room] near {unit_street}.\n\n--\n{full}\n{org}
Your [reservation|parcel|delivery] {n4} at {street}, {zip} {city} is confirmed. If plans change, call {phone}.
{full} is the tenant at {street}, {city}? i need to send them a {word}
State: {state}   Exp: {date}   Licence: {hex}
[resident of|born in|travelled to|flying to|office in|based in] {city}, {country}. {key} {hex}
DOB {date}, age {n}, {up}, {street} {zip} {city} - scanned by {word}
TEL {phone}; MAIL {mail}; ADR {street}; {city}; URL {word}
MRZ {hex} {up} {date}
BEGIN:VCARD\nN:{last};{first}\nFN:{full}\nADR:;;{street};{city};;{zip}\nEND:VCARD
[Caller|Client|Visitor|Tenant|Driver|Guest] {full} [called|arrived|left] at {n}:{n} from {city}.
[Caller|Client|Visitor]'s name: {full}\n[Reason|Topic]: {thing}\nOutcome: {verb}
CustomerName:{full} CustomerCity:{city} Ref:{n4}
Name={full};City={city};Plan={word}
first_name={first}&last_name={last}&city={city}
FULL NAME: {up}\nPLACE OF BIRTH: {city}\n{key}: {n4}
{first}'s {word}, {first}'s {word} and {last}'s {word} were {verb}
The {last} family [came|moved] to {city}; {first} stayed in {country}.
{native} [wrote|called|paid] about the {word}.
[Name|Customer|Contact]: {native}\n{key}: {n4}
<<"name":"{native}","city":"{city}">>
{native}, {native} and {full} [attended|signed].
[Dear|Hi|Hello] {native},\nthe {word} is {verb}.
Имя: {native}\nТелефон: {phone}
カード番号：{n4}\n{key}：{n4}
{thing}\n{thing}: {n4}\n{key}
{thing} and {thing} on {date}
[The|Our|A] {thing} [page|team|run] was {verb} [on Monday|in June|by the printer].
I asked [Claude|ChatGPT|Gemini|Copilot|Siri|Alexa|Grok] about {thing} and it {verb} the {word}.
[Claude|GPT-4|Gemini|Llama|Mistral]: [here is|this is] the {word} you wanted.
[May|Will|Mark|Grace|Hope|Bill|Rose|Frank|Chase|Drew|Grant] [we|the {word}|it|every {word}] [be|is|and] {verb} [soon|later].
{xlast} [Street|Avenue|Park|Bridge|Hall|Hospital|Airport|Stadium] is closed [on Friday|until {date}].
Meet me at {xfirst}'s [Diner|Pizza|Bar|Café] on {xlast} Street.
{first} {verb} the {word}; {first} {verb} the {word}. [Neither|Both] [came|called].
@{lowfirst} [thanks|lol|pls call] {first}
[omg|lol|wow] {first} {last} just {verb} my {word} 😂
RT {first} {last}: {thing} [tonight|tomorrow] in {city}!
{first} > {first} [any day|always]
[Happy birthday|Congrats|Thank you|Good luck|RIP|Love you] {first}[!|!!| 🎉|]
So {first} [says|said|thinks] [the|that the] {word} is [fine|wrong], and {last} [agrees|does not].
President {last} [met|told] {full} in {city} [on Sunday|last week].
{full}, [head|director|founder] of {org}, [said|told reporters] on [Tuesday|Friday] that {city} [was|is] [next|safe].
{last} [scored|won|lost] [twice|again] as {city} beat {city} {n}-{n}.
According to {full} of {org}, the {word} was {verb} in {country}.
[wake|remind] me [at {n}|tomorrow] to call {lowfirst}
[what is|whats] the weather in {lowcity} [today|on monday]
[send|write] an email to {low} about the {word}
{lastfirst} [paid|called|left] [on {date}|twice|]
{lastfirst} ({word}) - [row|seat|room|desk] {n}
[Filed|Seen|Checked|Sent] by {lastfirst} [on {date}|at {n}:{n}|in {city}]
{lastfirst}; {lastfirst}
{n} {lastfirst} {n4}\n{n} {lastfirst} {n4}
[Author|Owner|Inspector|Editor]s: {lastfirst}; {lastfirst} [and|&] {lastfirst}
{first}, {first}, {last} and {first} [voted|agreed|left]
[Guests|Crew|Team|Players]: {first}, {first}, {first}
[Mail|Call|Pay|Ask] {first}, {first} and {first} [today|first]
name,{key}\n{lowfull},{n}\n{lowfull},{n}\n{lowfull},{n}
name;points\n{low};{n}\n{low};{n}
{key},name,town\n{n},{full},{city}\n{n},{full},{city}\n{n},{full},{city}
{n4},{first} {last},{city},{state}\n{n4},{first} {last},{city},{state}
<<"owner":"{lowfull}","{word}":"{verb}">>
<<"opened_by":"{lowfull}","closed_by":"{lowfull}","{word}":{n}>>
<<"from":"{lowfirst}","text":"{verb} the {word}">>
[Payer|Guest|Renter|Driver]: [MR|MRS|MS|DR|SIR] {up}
[MR|MRS|MS|DR|PROF] {up}, {zip} {city}
[DEAR|TO] [MR|MRS|MS|DR] {up}
[Minutes|Present|Panel]: [Sen.|Cllr|Rev.|Sgt.|Hon.|Capt.|Lt.] {full}, [Dr.|Prof.|Rabbi|Sister|Fr.] {full}
[Sister|Brother|Father|Captain|Colonel|Emperor|Saint|Baroness|Lord|Lady] {last} [spoke|left|died] in {n4}
[xoxo|hugs|kisses|later|peace|ttyl|bises] {first}
[xx|x|:)|<3] {first}
my [son|daughter|aunt|mate|ex|sis|bro|boss] {lowfirst} [is|was] [sick|here|in {lowcity}]
[wheres|hows|whats|thats] {lowfirst}s {word}
[im|we r|he is] at {lowfirst}s [til|until] {n}
and {lowfirst} told me {lowfirst} [quit|left|knows]
[any1|anyone|nobody] seen {lowfirst} [2day|lately|since monday]? [need|want] my {word} back
{lowfirst} and {lowfirst}s {word} [lol|omg|haha]
{first} will [send|bring] it. {last} [will not|may|can]
[He|She|They] [named|called] the [boat|dog|cat] after {full}
[Shares in|Profits at|Workers at|A spokesman for|Customers of] {firm} [rose|fell|said so] on [Monday|Tuesday]
I work [at|for] {firm}, my [boss|sister] {first} works [at|for] {firm}
a [bottle|pack|pair] of {xfirst} {xlast} [whisky|jeans|shoes|perfume]
the {xlast} [camera|watch|guitar|engine|theorem|test|algorithm|index|scale|equation] was {verb}
{xfirst} & {xlast} [ice cream|jeans|chocolates] [is|are] on sale
[Hurricane|Typhoon|Cyclone|Storm|Tropical Storm] {xfirst} [hit|struck|missed|neared] {city} [on Sunday|in {n4}].
{city} is [a town|a city|a village|the capital] [in|of] {country}. The [first inhabitants|people|hotels] of {city} [were|are] [few|friendly].
The [municipality|province|harbour|district|island|old town] of {city} [was|is] [registered|founded|reached] [in {n4}|by ferry from {city}].
[Visit|Explore|See|Reach] {city} [and|or|, then] {city} [by bus|by train|in a day].
We [drove|walked|cycled|flew] [from|through] {city} [to|and] {city}, {country}.
[Shipping|Flights|Trains|Buses] from {city} to {city} [take|cost] {n}
[Moved|Travelled|Returned] to {city} in {n4}, [then|later] to {city}
kubectl [get|delete] pods -n {xlowfirst}-[dev|test|prod]
git [checkout|merge|push origin] [feature|fix]/{xlowfirst}-{word}
ssh {xlowfirst}@{word}.example && cd /home/{xlowfirst}/{word}
import {xlowfirst}_{word} as {word}\n{word}.{xlowfirst}({n})
{xlowfirst} = {Word}({n})\n{xlowfirst}.{word} += {n}
In {last} v. {last} ({n4}) the court [held|found] that the {word} was {verb}
[Photo|Image|Picture|Video|Cover]: {full}
[Coach|Analyst|Keeper|Host|Lead]: {full}\n[Coach|Analyst|Keeper|Host|Lead]: {full}
{full}: [thank you|yes|no|well|right], {first}. {last} [said|asked] that [too|before].
[Asked|Asking] whether {last} [would|could] [resign|stay], {full} [laughed|declined].
[Following|After|Before] {last}'s [speech|death|arrest], {full} and {last} [met|spoke] in {city}.
{plain} [said|says] [he|she] [would|will] [do it|come|pay]
{plain} [asked|called|wrote|waited] [for|about] [a|the] {word}
{plain} [told|asked|helped] [me|us|him] [that|because] the {word} is [late|gone]
[Hi|Hey|Dear|Thanks|Cheers] {plain}, [did|can] {plain} [see|send] the {word}?
[Ask|Call|Tell|Thank] {plain} [today|about it|before noon]. {plain} {last} [knows|has it].
- {plain} {last}\n- {plain}\n- {first}
Name: {plain} {last}\n{key}: {n4}
From: {plain} {last} <{mail}>
{plain}'s {word} [is|was] {verb}
{first} [has|took|lost|found|wants|owns] the {word}
{last} [has|took|lost|found|wants|owns] the {word}
[Meet|Please meet|Welcome|We spoke to|Say hi to] {full} and {full}[.| today.]
{first} & {first} [request|invite|are coming|got married|moved]
{first} and {first} [request|invite|are coming|got married|moved]
[cc|CC|Cc|bcc] {first}, {first}, {first}
[cc|CC|Cc]: {first}, {full}, {last}
[Клиент|Пациент|Контакт|Имя|Ім'я|Όνομα|Πελάτης|שם|לקוח|الاسم|العميل|नाम|ग्राहक|ชื่อ|이름|氏名|姓名]: {native}
[Меня зовут|Я|Με λένε|Είμαι|שמי|שלום, אני|اسمي|أنا|मेरा नाम|मैं|ฉันชื่อ] {native}, {n4}
{full} [ile görüştüm|aradı|schrieb|a appelé|llamó|ha chiamato|dzwonił|ringde|telefonou]
{native} [{verb}|wants] the {word} [on {date}|today]
{n},{low}\n{n},{low}\n{n},{low}
<<"{key}":{n4},"name":"{low}","{word}":"{verb}">>
can [someone|u|you] tell {lowfirst} the {word} is [here|ready]
i [met|saw|called] {lowfirst} and {lowfirst} [yesterday|at the {word}|in {lowcity}]
[Сервер|Заказ|Отчёт|Договор|Файл|Пароль|Платёж] [не отвечает|готов|отправлен|удалён|проверен|изменён]. [Логи|Данные|Копии] в папке.
Пожалуйста, [проверьте|отправьте|удалите|исправьте] [файл|отчёт|договор|код|счёт] [сегодня|завтра|до пятницы]
Спасибо за [помощь|ответ|заказ]. [Когда|Где] [встреча|доставка|собрание]?
[Привет|Здравствуйте|Добрый день|Вітаю|Доброго дня], {native}! [Заказ|Отчёт|Файл|Рахунок] [готов|отправлен|готовий].
[Клиент|Пользователь|Заказчик|Менеджер] [подписал|отменил|оплатил] [договор|заказ]. {native} [знает|позвонит] об этом.
[Статус|Телефон|Город|Сумма|Номер|Дата]: {n4}\n[Клиент|Имя|Контакт]: {native}
Будь ласка, [перевірте|надішліть] [файл|звіт|договір]. [Дякую|До зустрічі]
Παρακαλώ [ελέγξτε|στείλτε|διορθώστε] [το αρχείο|την αναφορά|τον κώδικα]. [Ευχαριστώ|Καλημέρα]
[Ο διακομιστής|Η παραγγελία|Το συμβόλαιο] [δεν απαντά|είναι έτοιμο|στάλθηκε]. Ρωτήστε {native}.
يرجى [التحقق من|إرسال|حذف|تعديل] [الملف|التقرير|الخادم|العقد] [اليوم|غدا|قبل الجمعة]
[الملف|التقرير|الخادم|الطلب] [جاهز|لا يستجيب|في المجلد]. [شكرا|مرحبا] {native}
[الاجتماع|الدفع|التسليم] [اليوم|غدا] [في المكتب|في الصباح]
אנא [בדוק|שלח|מחק|תקן] את [הקובץ|הדוח|השרת|החוזה] [היום|מחר]
[שלום|תודה|היי], [ההזמנה|הדוח|הקובץ] [מוכן|נשלח]. {native} [יודע|בדרך].
शब्द [सर्वर|फ़ाइल|रिपोर्ट|आदेश|समझौता] [जाँचें|भेजें|तैयार है|रद्द करें]
कृपया [रिपोर्ट|फ़ाइल|बिल|शाखा] [भेजें|बदलें|देखें] और [कल|आज] [बताएँ|फोन करें]
{native} से [मिला|बात की|पूछा] [आज|कल]
{native} को [फोन करें|बताएँ|रिपोर्ट भेजें]
{native} [ने|का|की] [रिपोर्ट|फ़ाइल|आदेश] [भेजी|देखा|है]
请[查看|检查|发送|修改|删除][文件|报告|合同|方法|代码]和[说明|数据|发票|文档]，[谢谢|明天开会|今天完成]
[服务器|系统|网站|数据库]上的[文件|日志|数据][已经更新|没有问题|需要检查]。
[会议|付款|交货]改到[周三|周五|下午]，[请准备|不要忘记][合同|发票|材料]。
このファイルを[確認|送信|削除|変更]して[ください|もらえますか]。[設定|ログ|資料]も[見て|直して]ください
[会議|進捗|契約|注文]を[報告|変更|確認]します。[ありがとうございます|よろしくお願いします]
[서버|문서|보고서|주문|계약]를 [확인해|보내|수정해] 주세요. [오늘|내일] [회의|일정]는 [변경되었습니다|없습니다]
กรุณา[ตรวจสอบ|ส่ง|แก้ไข][เอกสาร|รายงาน|เซิร์ฟเวอร์] [วันนี้|พรุ่งนี้]
[Դիմումը|Պայմանագիրը|Հաշիվը] [ուղարկված|ստորագրված] է [այսօր|վաղը]
გთხოვთ [შეამოწმოთ|გამოგზავნოთ|წაშალოთ] [სერვერი|ფაილი|ანგარიში] [დღეს|ხვალ]
অনুগ্রহ করে [ফাইল|রিপোর্ট|চুক্তি] [পাঠান|দেখুন] [আজ|কাল]
[తమిళ|దయచేసి] [నివేదిక|ఫైల్] [పంపండి|చూడండి]
{xlast}'s {law} [is|was] [used|known|stated] [here|in the {word}|for every {word}]
The {xlast} {law} [converges|fails|runs] [after {n} steps|on this {word}]
[By|Using|Under] {xlast}'s {law} and the {xlast} {law} the {word} is {n}
[We use|It applies|Add] [the|a] {xlast}-{xlast} {law} [with|to] {n} {word}s.
A [hidden |finite |]{xlast} {law} was trained on {n4} {word}s by {full}.
{xlast} {law}, {xlast} {law} and {xlast} {law} are [covered|explained|skipped]
{xlast}-{xlast} [now|still] [terminates|converges|works] [in O(n)|again]
{full} [proved|published|named] the {xlast} {law} in {n4}
[Proof of|See|Chapter {n}:] the {xlast} {law}
// {xlast} {law}, see {full} {n4}
# [implements|uses] the {xlast}-{xlast} {law}
{xlast}'s disease and {xlast} syndrome were ruled out by Dr. {last}.
patient {full} has {xlast}'s disease
[Install|Run|Start|Restart|Upgrade] {soft} [on|and|with] {soft} [first|{n}.{n}|again]
[We|They|I] [use|run|like|moved from] {soft}, {soft} and {soft} [in production|in the pipeline|to {soft}].
[Apache|Oracle|Google|GNU|Debian|Ubuntu|JetBrains] {soft} {n}.{n} [is out|failed|was {verb}]
{soft} builds [fail|pass] on {soft} {soft}
{first} [moved|broke|set up] the {soft} [server|cluster|job|pipeline]
The {soft} [server|cluster|node|job|plugin|driver|image] is [down|slow|{verb}]; ask {first}.
deploy {soft} in Docker, then {word} {soft}
"engine":"{soft}","name":"{word}"
image: {soft}\nowner: {full}
class {xfirst} extends {xfirst} <<>>
class {xfirst}(Base): pass
new {xfirst}({n}).{word}();
def {word}_{word}({word}_name={Word}): pass
{word}_{word}={Word}&{word}={n4}
{WORD}_{word}={n4}&plan={Word}
given_name={first}&family_name={last}&{key}={n4}
fname={first}&lname={last}&age={n}&town={city}
user_name={low}&city={lowcity}
name={full}&city={city}&zip={zip}
{brand} [recalled|sold|cut|hired|said|opened|reported] [{n4} {word}s|a profit|on {date}|new jobs] in {city}
Shares [of|in] {brand}, {brand} and {brand} [fell|rose]; {full} of {org} [warned|agreed].
{brand} and {brand} [have a sale|merged|skipped the show] [in {city}|on {date}]
[my|her|the] {brand} {word} is [broken|new|late]
[bought|got|sold] a {brand} [car|watch|bag|guitar] [from|for] {first}
{full} [works|worked] [at|for] {brand} in {city}
{brand} [chief|spokesman|boss|engineer] {full} [said|denied|confirmed] it.
{full}, a {brand} [dealer|driver|manager] in {city}
i drive a {lowbrand} to {lowcity}
{org} [bought|sold|sued] {brand} [for {n} million|in {n4}]
{xlast} & {xlast} [Roofing|Plumbing|Solicitors|Dental|Law] [Ltd|LLP|Inc.|PC] [{verb} the {word}|is closed]
The {xlast} [Foundation|Institute|Group|Prize|Award|Hotel|Museum|Theatre|Library|Building|Clinic] [opened|is closed] in {city}.
St. {xfirst} [Hospital|Church|School] in {city} [is closed|needs {word}s]
{xfirst}'s [Diner|Web|Law|Kitchen|Place|Bar] is [open|good|new]
[Washington|Lincoln|Jackson|Madison|Austin|Houston|Jefferson|Cleveland|Charlotte|Sydney|Florence|Victoria|Chelsea|Savannah|Georgia|Virginia|Carolina|Dakota|Brooklyn|Paris|Troy|Raleigh|Orlando|Aurora|Salem|Denver|Dallas] has [passed|rejected|signed] the [bill|deal|budget].
{cityname}, {cityname} and {cityname} [lead|top|are on] the list of [towns|cities|places].
[from|between] {cityname} [to|and] {cityname} [by train|in {n} hours]
{full} [moved|flew|drove] from {cityname} to {cityname}
{cityname} [beat|lost to|hosted] {cityname} {n}-{n}
[in|near|outside|around|leaving for|back in] {cityname}[.|,] {full} [waits|works|slept]
{cityname}'s [mayor|airport|streets|team] [{verb}|is ready]
[people|weather|traffic|rents] in {cityname} [are|is] [up|bad|late]
our {city} [office|branch|gallery|shop|team] [is closed|called|needs {first}]
i[ | a]m [from|in|near] {lowcity} [rn|now|atm|lol]
anyone [in|near|from] {lowcity} [tonight|today]?
[landed|stuck|back] in {city} [✈️|again|lol] [who's around?|text me]
{city} deserves [better|more]! {first} [missed|played] [again|well]
[Vote for|Thank you|I love] {full}! {city} needs [her|him|them]
[Stadtwerke|Rathaus|Universität|Mairie de|Ayuntamiento de|Comune di|Gmina] {city}
[Deliver|Send|Ship|Mail] [it |this |]to {box}, {city}, {state} {zip} [please|today|]
[Our|Postal|Mailing] address[:| is] {box}, {city} {zip}
{full}\n{box}\n{city}, {state} {zip}
{full}, {row}, {city} {zip}
[I live at|We moved to|Deliver to|pick up at|the house at] {row}[, {city}|, {city} {zip}|]
Address[:| .....] {row}, {city} {zip}
Flat {n}, {row}, {city} {zip}
c/o {full}, {row}, {city} {zip}
[she|he] [rents|owns] {lowstreet}
my address is {lowstreet}, {lowcity}
[somewhere|party|meet] on {lowstreet} [i think|tonight]
{n}-{n}-{n} {town}, {town}-ku, Tokyo {n}-{n4}
[The house|The flat|The shop] [at|in] {street}, {city} belongs to {full}.
[drop|dropped|leave it] at {street} [before {n}|today]
{UPPER}SHIP TO: {up}, {street}, {city}, {state} {zip}
{UPPER}[NOTICE TO|REMINDER FOR|MESSAGE FOR] {full}: THE {word} IS {verb}. [CONTACT|CALL|ASK] [MS.|MR.|MRS.|DR.] {last} [AT THE OFFICE|TODAY].
{UPPER}[WHERE IS|HAS ANYONE SEEN|TELL|ASK] {first}? THE {word} [FOR|TO] {city} IS [LEAVING|LATE|{verb}]
{UPPER}[HAPPY BIRTHDAY|FELIZ CUMPLEAÑOS|CONGRATULATIONS|GET WELL SOON|THANK YOU|BUON COMPLEANNO|JOYEUX ANNIVERSAIRE|ALLES GUTE] {first}[!|!!!]
{UPPER}[MR|MRS|MS] {full} AND [MR|MRS|MS] {full} [CHECKED OUT OF|ARE IN] ROOM {n}
{UPPER}[REPORT|MINUTES|NOTICE] ON {word} AND {word} FOR THE [MIDDLE EAST|THIRD QUARTER|NEW YEAR]
{UPPER}[TERMS AND CONDITIONS APPLY|NO REFUNDS AFTER MAY|PLEASE PAY BEFORE AUGUST|ALL {word}S MUST BE {verb}]. {thing}
{UPPER}{thing} - {word} {verb}. [DO NOT REPLY|KEEP DOOR SHUT|OUT OF ORDER]
{uplastfirst}\n{uplastfirst}\n{uplastfirst}
[NAME|PATIENT|NAME OF PATIENT|EMPLOYEE|STUDENT|INMATE|SUSPECT]: {uplastfirst}\n[DOB|ID|NEXT OF KIN]: {n4}
{n}. {uplastfirst} {n4}
[Patient|Employee|Student|Owner]: {uplastfirst}
{uplast} {first}\n{uplast} {first}
{uplast}/{upfirst} [MR|MRS|MS|MISS] [seat {n}A|{n4}|]
[passenger|pax|PNR {hex}|guest|traveller]: {uplast}/{upfirst}[ MR| MRS|]
{n}.{n}{uplast}/{upfirst} [MR|MRS]
[cc|CC|Cc|to|Present:] {initials}, {initials}, [Dr |]{full}
[Signed|Regards|Yours|Approved by|Author]: {initials}
{initials} and {initials} [signed|left|agreed]
i. A. {full}\n{org}
[i. V.|p.p.|gez.|sgd.|s/|/s/] {full}
/{first}
-{first}
~ {first}
— {full}
[Best|Cheers|Thx|Rgds|Ta],\n{first} [& |and |+ ]{first}
[Cllr|Alderman|Deacon|Pastor|Sheikh|Shri|Smt.|Herr|Frau|Señor|Señora|Monsieur|Madame|Signora|Mevrouw|Meneer|Pani|Ustad|Lt.|Cpl.|PC|DS|DI] {last}, [Cllr|Alderman|Deacon|Pastor|Herr|Frau|Señora|PC] {last} and {first}
[Aunt|Aunty|Auntie|Uncle|Grandma|Grandpa|Nana|Tante|Onkel|Tía|Tío|Zia|Cousin|Nanny] {plain} [is|was|has|called|wants] [home|here|a {word}|us]
[Aunt|Auntie|Uncle|Grandma|Grandpa|Nana|Cousin] {first}'s {word} [is|was] {verb}
[call|ask|visit|tell|text] [aunt|auntie|uncle|grandma|grandpa|nana|cousin] {lowplain} [tonight|today|about the {word}]
[my|our] [aunt|uncle|cousin|stepmom|gf|bf|roommate|bestie|neighbour] {lowplain} [is|was|has] [sick|home|a {word}]
"{plain} will {word} it," [she|he] said, "[once|when] {plain} has [read|seen|{verb}] it."
"{plain} [is|has|will|knows]," said {first}.
{plain} will [sign|send|bring|fix] it [tomorrow|on Monday|if {first} asks]
[call|text|ping|ask] {lowplain} [tonight|asap|for me]
{lowfirst}: [pushed|done|lol|ok|brb|on it|same] [the {word}|]\n{lowfirst}: [ty|thx|nice|k] [will {word} it|]
{lowfirst} [9:{n}|{n}:{n}] [hey|hi|anyone there?]\n{lowfirst} [{n}:{n}] yes
<{lowfirst}> [hi|hey all]\n<{lowfirst}> hi {lowfirst}
[sup|yo|hey|heya]. {lowfirst} here. can {lowfirst} or {lowfirst} cover me?
yo {lowfirst} u [up|there|coming]? {lowfirst} and [i|me] are at the {word} place
[its|it is] {lowfirst}, [new phone|lost my phone] [who dis|lol|]
[wheres|whats|hows|wheres] {lowfirst}s {word} [again|lol]?
{lowfirst}s {word} [is|was] [late|great]
[thx|thanks|ty] {first}! [and|say] hi to {first}
@{first} [can you|could you|please|thanks for] [look at|check|review|merge] [the|this] {word}[?|.|]
@{first} @{first} [any news|please review|LGTM]
hey @{first}, {first} [said|thinks] the {word} is {verb}
[he|she] said [his|her] name was {full} but [the form|it] says {initials}
I'm {first}, {n}, from {city}. My [son|daughter|wife] {first} was [ill|born] [last week|in {city}].
id,first,last,dept\n{n},{first},{last},{Word}\n{n},{first},{last},{Word}\n{n},{first},{last},{Word}
first_name,last_name,{word}\n{first},{last},{n}\n{first},{last},{n}
id;surname;given_name;town\n{n};{last};{first};{city}\n{n};{last};{first};{city}
{word}\tcustomer\tcity\n{n4}\t{full}\t{city}\n{n4}\t{low}\t{city}
customer_name|branch|balance\n{full}|{city}|{n4}\n{full}|{city}|{n4}
| Owner | {key} | Site |\n|---|---|---|\n| {first} | {Word} | {city} |\n| {first} | {thing} | {city} |
product,colour,stock\n{Word},{Colour},{n}\n{Word},{Colour},{n}
{word},engine,version\n{Word},{soft},{n}\n{thing},{soft},{n}
brand,model,price\n{brand},{thing},{n4}\n{brand},{Word},{n4}
<<"given":"{first}","family":"{last}","{word}":{n}>>
<<"maintainers":(:"{full}","{full}":),"engine":"{soft}">>
<<"firstName":"{first}","lastName":"{last}","company":"{org}">>
INSERT INTO guest (id, fname, lname) VALUES ({n}, '{first}', '{last}'), ({n}, '{first}', '{last}');
UPDATE {word}s SET owner = '{full}' WHERE id = {n}; -- was {first}
person.setFirstName("{first}"); person.setLastName("{last}");
N:{last};{first};;;\nFN:{full=a}\nEND:VCARD
dn: cn={full},ou=people\nsn: {last}\ngivenName: {first}
<fn>{first}</fn><ln>{last}</ln>
<firstname>{first}</firstname>\n<lastname>{last}</lastname>
  name: {full}\n  manager: {first}\n  office: {city}
{key}: {Word}\nname: {Word} {Word}\ntype: {soft}
Surname: {last}   Forenames: {full}   Sex: [F|M]
Last name: {last}\nFirst name: {first}\nPlace of birth: {city}
[Applicant|Guarantor|Landlord|Tenant] .......... {full}
Payee {full} Amount {n4} Memo rent {city}
[Vor- und Zuname|Nombre completo|Nom et prénom|Nome e cognome|Imię i nazwisko|Ad Soyad|Naam|Navn|Namn|Név]: {full}\n[Wohnort|Domicilio|Ville|Città|Miasto|Şehir|Plaats|By|Ort|Város]: {city}
[Attendees|Present|Speakers|Guests|Reviewers|Team]:\n- {full}\n- {first}\n- {full}
[Speakers|Players|Members|Volunteers]\n  {full} ({city})\n  {full} ({city})
- [ ] {first}: {word}s\n- [x] {first}: {word}\n- [ ] all: {word}s
Team [red|A|one]: {first}, {first}, {first}. Team [blue|B|two]: {first}, {first}.
Ticket {n4}\nReporter: {full}\nAssignee: {first}\nSteps: open the {thing} {word}, click {Word} report.
Caller: [hi|yes], {full}, I ordered a {word} to {unit_street}, {city}\nAgent: this is {first}
[Plumber|Agent|Driver|Officer|Carpenter|Nurse] {first} [came|called|left] at {n}
Dear [customer|hiring manager|team|all|colleagues|neighbours|sir or madam|support], [your|the] {word} [was|has been] {verb}. [Best regards|Regards], [Customer Support|The Team|HR|Your {thing} team]
{full}, {n}, and [his|her] [cousin|partner|brother|wife] {first} were [arrested|seen] on {street} in {city}.
"It was [luck|hard|a mess]," {last} told [reporters|the {word}] in {city}. [Her|His] coach, {first}, disagreed.
Prof. {full=a} of [Stanford|Leiden|Makerere|Oslo] University doubts it; {=a.l}'s group sees no {word}.
The [mayor|bishop|governor] of {city}, {full}, and {country}'s envoy signed.
The novel by {full=a} won a prize; {=a.l}, {n}, lives in {city} with {first}.
[Senator|Judge|Police chief|Sheriff|MP] {full=a} of {city} [voted against it|said so]. {=a.l} added that {last} and {full} were hurt.
In {n4} {full} moved from {city} to {city}, where [she|he] [taught|died].
{full} [beat|defeated|faces] {full} {n}-{n} in {city}
goals from {full} and {last}; coach {full} was [delighted|angry]
[Bitte|Leider|Heute|Morgen|Danach|Gestern] [ist|wird|war] [der Bericht|die Rechnung|das Paket] [fertig|im Ordner|bezahlt|verschickt].
[Viele|Beste|Liebe|Schöne] Grüße[ aus {city}|]\n{full}
[Guten Tag|Guten Morgen|Hallo|Grüß Gott] [Herr|Frau] {last}, [bitte|anbei] [prüfen|die Unterlagen] bis [Freitag|Montag].
[Die|Der|Das] [Sitzung|Vertrag|Termin|Paket|Bericht] [mit {full} |]ist am [Montag|Dienstag|Freitag] in {city}.
[Kannst du|Könnten Sie] {first} [sagen|fragen], [wann|ob] [das Treffen|der Termin] ist?
[Tutto bene|Va bene|Grazie mille|Buongiorno|Buona sera|A domani|Ci vediamo], [grazie|a presto|tutto a posto|domani].
[Il|La|Un] [signor|signora|dottor] {last} [abita|lavora] a {city} da [anni|maggio].
[Ça va|Bonne journée|À bientôt|Merci beaucoup|Bien sûr|Tout va bien|D'accord], [merci|à demain|c'est noté|on y va].
[Il|Elle|On] [habite|travaille|arrive] [toujours|déjà] [à {city}|au bureau|demain]. [Votre|Le] dossier est [prêt|envoyé].
[Monsieur|Madame|Mme|M.] {last} [m'a transmis|a signé|a reçu] [votre dossier|le contrat|la facture].
[Hola|Buenos días|Buenas tardes], [el pedido|la factura|el contrato] [sale|llega|está listo] [mañana|hoy|el lunes][ de {city}|].
[Puedes|Podrías] decirle a {first} que [el pedido|la reunión] [sale|es] [mañana|hoy]?
[Todo bien|Muchas gracias|De nada|Hasta luego|Un saludo|Nos vemos], [gracias|hasta mañana|un abrazo].
[Tudo bem|Bom dia|Boa tarde|Muito obrigado|Até amanhã], [o pedido|a fatura] [chegou|está pronto][, {first}|].
[Goedemorgen|Beste|Hoi] {first}, [de factuur|het pakket] is [klaar|verstuurd]. [Groeten|Groetjes], {first}
[Alles goed|Prima|Tot ziens|Fijne dag|Dank u wel], [bedankt|tot morgen].
[Wszystko dobrze|Dziękuję|Do zobaczenia|Proszę], [faktura|paczka|umowa] [jest gotowa|wysłana]. {first} [wie|zadzwoni].
[Allt bra|Tack så mycket|Vi ses|Hej då], [fakturan|paketet] är [klar|skickad]. [Hälsningar|Mvh] {first}
[Her şey yolunda|Teşekkürler|Görüşürüz], [fatura|paket] [hazır|gönderildi]. {first} [Bey|Hanım] [aradı|gelecek].
[Terima kasih|Selamat pagi|Baik], [dokumen|pesanan] [sudah|belum] [siap|dikirim]. [Bapak|Ibu|Pak|Bu] {first} [datang|menelepon].
Sent from my [iPhone|Android|Galaxy]\n\n{first}
Can you [ask|tell|remind] {first} or {first} to [restart|check] the {word} in {city}?
[florist|dentist|gym|cafe] near {cityname}? [asking|it is] for {first}'s [wedding|birthday]
{thing} [is|was] [closed|moved] between {xlast} Avenue and the {xlast} [Tunnel|Bridge|Square].
the {cityname} [theme|font|project|release|build|plan] [is|was] {verb}
[Sky|Heather|Holly|Rose|Iris|Sage|Amber|Jade|Ivy|Daisy] [is|are] [in bloom|green|dry] [again|this week].
the [rose|jade|ivy|daisy|iris|sage|holly|lily] [bush|plant|bulbs] [need|needs] water
i will be frank, [the mark|the bill|may] [was|is] [faint|due] and [may|might] not [scan|chase]
[A|Two|One] [Granny Smith|Margherita|Caesar|Earl Grey|Victoria|Benedict|Reuben|Charlotte|Madeleine|Bloody Mary|Shirley Temple|Tom Collins|Arnold Palmer|Napoleon|Lamington|Pavlova|Stroganoff|Wellington|Alfredo|Rockefeller] [please|and a {word}]
[watching|reading|seen] [Charlotte's Web|Forrest Gump|Emma|Rebecca|Oliver Twist|Jane Eyre|Robin Hood|Peter Pan|Mary Poppins|Bambi|Dumbo|Rocky|Annie|Matilda|Mulan|Moana|Shrek] with {first} [tonight|again]
#[NowPlaying|nowplaying|music] {thing} [on|at] [Radio {n}|Virgin Radio {city}]
RT @{word}: {full} [cancels|announces|wins] {city} [show|tour|match]
omg {first} in [that|the] {word} #[style|oscars|lol]
can't believe {last} [missed|lost|quit]. {city} [deserves|wants] better
so proud of my [bro|sis|son|cousin|girl] {first} for [graduating|winning] 🎓
{last} and {last} on the same stage [tonight|again]
[book|reserve|call|ask] [a table for|] [mr|mrs|ms|miss|dr] {lowlast} and [mr|mrs|ms] {lowlast} [at eight|today]
[mr|mrs|ms|dr|prof] {lowlast} [wants|needs|has] [the|a] {word} [by monday|back]
[dear|hi|hello] [mr|mrs|ms|dr] {lowlast}, [the|your] {word} is {verb}
[January|April|May|June|August] and [March|June|July|September] were [dry|wet|busy|slow][.|; May had frost.]
N:{last};{first};;;\nFN:{first} {last}\nTEL:{phone}\nEND:VCARD
BEGIN:VCARD\nVERSION:3.0\nN:{last};{first};;Dr;\nORG:{org}\nEND:VCARD
{uplastfirst}\n{uplastfirst}\n{uplastfirst}
{lastfirst}\n{lastfirst}\n{lastfirst}
Nombre completo: {spanish}\nDomicilio: {street}
[Señora|Señor|Doña|La paciente|El alumno] {spanish} [ha firmado|llega mañana|vive en {city}].
{spanish} and {first} [signed|left|called]
[The fire|The crash|The storm] [broke out|happened] near {cityname}'s {xlast} [Hospital|School|Market], said [police chief|spokesman] {full}.
[two|three] [firemen|nurses|players], {last} and {full}, [were hurt|are out]
[saw|watched|finished] {thing} with the [kids|family], {first} [cried|slept|loved it]
[who's around|who is in|anyone up]? {first}? {first}?
{city}\n{city}, {country}\n{full}
[Goals|Scorers|Cards|Subs]: {last} {n}, {last} {n}, {last} (pen) {n}
{last} {n}, {last} {n} - {city}
[Mon|Tue|Wed|Thu|Fri|Sat|Sun] {first}\n[Mon|Tue|Wed|Thu|Fri] {first}\n[Wed|Thu|Fri|Sat] {first} / {first}
[Monday|Tuesday|Friday]: {first}, {first}\n[Wednesday|Saturday]: {first}
[Red|Blue|Night|Day|Front] [team|shift|crew] - {first}, {first}\n[Green|Late|Back] [team|shift|crew] - {first}, {first}
# TODO({first}): [ask|tell] {first} about the {word}
// TODO({lowfirst}): {word}
// FIXME {first}: {word} {verb}
{full} [BSc|MSc|PhD|MD|MBA|CPA|RN|MRICS|FRCS|OBE|LLB|CFA|DDS] [BA|FCA|MRICS|]\n{Word} [Surveyor|Manager|Nurse|Partner]\n{street}, {city} {zip}
{full}, [BSc|MSc|PhD|MD|MBA|CPA|RN|Esq.]\n{org}
PATIENT: {uplastfirst}   [WARD|ROOM|BED]: {n}   DR: {uplast}
[Name|Guest|Nome e cognome|Nombre|Nom]: {full}  [Città|Room|Ciudad|Ville|City]: {city}
[Name|Client|Driver]: {full}    [Date|Age|Sex|Room]: {n}    [Town|City]: {city}
[Cardholder|Passenger|Payer|Member] [MISS|MR|MRS|MS] {upinit} exp {n}/{n}
name,grade\n{full},A\n{first},B\n{low},C
first,team\n{first},{Colour}\n{first},{Colour}
student;mark\n{first};{n}\n{lastfirst};{n}
{native} [сказал|сказала|написал|написала|ответил|позвонила], что {native} [ушла|придёт|заболел|уже там].
[اتصل|قال|كتب|وصل|سافر] {native} [بالمكتب|اليوم|أمس|إلى {city}]
คุณ{native} [โทรมา|มาถึง|ส่งอีเมล][เมื่อเช้า|วันนี้|แล้ว]
[Ваш|Наш] [заказ|менеджер] [прибыл|ждёт|работает] [в|из] {rucity}.
[translate|write] this for [frau|herr|monsieur|señora|señor] {lowlast}: the {word} is {verb}
[Hurricane|Storm|Typhoon|Cyclone|Tropical storm] {xfirst} [hit|missed|is near|flooded] {city}[, {n} dead|]
The {xfirst} {xlast} [Bridge|Library|Prize|Center|Centre|Stadium|Airport|exhibit|Award|Lecture] [is open|opens in {n4}|was {verb}].
[at|near] the {xlast} [Center|Centre|Museum|Bridge|Arena] [around|at] {n}
{xlast} & {xlast} [Chambers|Attorneys|LLP|Solicitors|Architects]
[Dear|Hi] [team|all|everyone], quick reminder: {thing} at noon, {Word} at two.
[Leiter|Leiterin|Geschäftsführer|Sachbearbeiterin] [Einkauf|Vertrieb|Personal|Buchhaltung]\n{full}
[A|The] {xlast} {law} and {xlast}'s {law} [on|for|with] [a|the] {word}.
[see|cf.|from|recall|by] {xlast}'s {law}[.|,| and {xlast}'s {law}]
{xlast}-{xlast}-{xlast} {law}; see also {xlast}-{xlast}
The {xlast}-{xlast} [{law}|does not|rejects it|fails] while {xlast}-{xlast} [{law}|does|accepts it|works].
{xlast} {law}, {xlast} {law} and {xlast} {law}.
{word}[first]={first}&{word}[last]={last}&plan={Word}
{UPPER}[WITNESSES|PRESENT|GUESTS|CREW|ABSENT|DIRECTORS|PARTIES]: {full}, {full}
{UPPER}[PAY|CALL|SEE|ASK|PAGE|BILL TO|SOLD TO] {full}, {full} AND {first}
{UPPER}BILL TO {full} {street} {city} {state}
{UPPER}{first}, {first} AND {first} [ARE|WERE] [LATE|HERE|{verb}]
{UPPER}[DEAR|HELLO|HI] {first}, THE {word} IS {verb}. [REGARDS|THANKS] {first}
[La facture|Le dossier|L'appel|La lettre] de [Madame|Monsieur|Mme] {last} est [arrivée|prêt|arrivé] [ce matin|hier|à {city}].
[Die Rechnung|Der Brief|Der Anruf] von [Frau|Herrn|Herr] {last} ist [heute|gestern] [gekommen|angekommen].
[La fattura|La lettera] [del signor|della signora] {last} è arrivata [oggi|ieri] [da {city}|].
[La factura|El pedido] [del señor|de la señora] {last} llegó [ayer|hoy] [de {city}|].
[Merci|Danke|Grazie|Obrigado|Tack|Dank je|Dzięki] {first}[,|!] [à demain|bis morgen|a domani|até amanhã|vi ses|tot morgen|do jutra].
[Aunt|Auntie|Cousin|Grandma|Sister|Nurse|Miss|Ms|Lady] [{P:April}|{P:May}|{P:June}|{P:Summer}|{P:Autumn}|{P:Dawn}|{P:Faith}|{P:Grace}|{P:Rose}|{P:Joy}|{P:Hope}|{P:Ivy}] [came|called|is here|'s {word} is late|has it]
[so|ok|and] [{P:Hope}|{P:Grace}|{P:Faith}|{P:Will}|{P:Mark}|{P:Bill}|{P:Drew}|{P:Rose}] and [{P:Faith}|{P:Joy}|{P:Dawn}|{P:Frank}|{P:Chase}|{P:Jade}|{P:Ruby}|{P:Pearl}] [both|just] [quit|left|called]
[{P:will}|{P:mark}|{P:bill}|{P:frank}|{P:grace}|{P:jade}|{P:ruby}|{P:drew}] can [u|you] [drop|pick up|call|text] {lowfirst} [at {lowcity}|at the {word} place|]
can [u|you] [drop|ask|fetch|bring] [{P:will}|{P:mark}|{P:jade}|{P:ruby}|{P:rose}|{P:hope}|{P:may}|{P:june}] [at|from] [{lowcity}|the {word}]
[jasmine|basil|rosemary|ginger|olive] [rice|oil|tea|pots] [and {word}s|is out|pls]
lol {lowfirst} just [sent|gave|told] me the wrong {word}
lmao {lowfirst} [forgot|lost|ate|broke] [the|my] {word} again
{lowfirst} [is|was] [cute|obsessed|so right|asleep|late|mad at me] [lol|rn|tbh|]
why [do|did|does] [you|he|she] call {lowfirst} "{lowfirst}"?
[Patient|Resident|Pupil|Client|Guest|Inmate]: {lastfirst}\n[Ward|Wing|Bay|Class|Floor|Cell|Table|Desk]: {n}[A|B|C|]\n[Consultant|Teacher|Nurse|Host|Clerk]: [Dr |Mrs |]{full}
[Tenant|Pupil|Member|Donor]: {full}\n[Block|Grade|Level|Tier|Group|Shift|Seat]: {n}\n{Word}: {verb}
[i'll|ill|i will|gonna|lemme|pls|can u] [tell|ask|text|call|ping|see|pay] {lowfirst} [tmrw|tmr|2moro|l8r|tonite|asap|tho|rn|first|bout it]
[thx|ty|tysm|thanks] {lowfirst}! [ill|i will|gonna] [tell|text|ask] {lowfirst} [tmrw|tmr|l8r|too|asap]
[talked|spoke|chatted] [to|with] {lowfirst} from [accounting|sales|hr|it|legal|upstairs], [she|he] [says|thinks] the {word} is [late|ok]
{first}'s [mother|father|boss|team|flat|house|garden] [lives|works|is|was] in {city}.
{last}'s [appeal|claim|case|lawyer|bid|goal|speech|record|estate] was [dismissed|denied|heard|read|beaten] on [Tuesday|Friday|{date}].
[Booking|Reservation|Check-in|Pickup] [confirmed|cancelled|ready] for {full} + {n} [guest|guests|adults|kids], {city}, {n} [nights|days]
[Order|Ticket|Seat|Room] for {full} ({n} nights), {city}
[watching|saw|heard] {last} [play|sing|bat|win|speak] [tonight|live|again] in {city} [🔥|!!|]
[Who's|Who is|who is] [better|faster|taller|the goat], {last} or {last}?
[Coach|Captain|Manager|Skipper|Referee] {last} [praised|dropped|thanked|warned] {full} after the [match|game|win] in {city}.
[In re|Ex parte|Matter of] {last}[| v. {last}], the court [held|ruled] otherwise.
[Review|Feedback|5 stars]: "{first} was [very helpful|so kind|on time] and [fixed|cleaned|found] my {word}"
<<"author":"{full}","body":"[I agree with|Ask|As said by|Thanks to] {first}, {word} it">>
<<"author":"{full}","text":"{first} [has|wants|took] the {word}","{word}":{n}>>
first_name,last_name,score\n{first},{last},{n}\n{first},{last},{n}\n{first},{last},{n}
audit: [record|file|case] {n4} [opened|read|closed] by {lastfirst}
Sent from my [phone|mobile|tablet]\n{first}
on the [train|bus|plane|road] to {lowcity}, back [monday|soon|at {n}]
anyone know a [good|cheap] [dentist|barber|plumber|gym] in {lowcity}?
[best|worst|cheapest] [kebab|pizza|coffee|ramen|tapas] in {lowcity} [hands down|ever|tbh|]
[rent|parking|traffic|the weather] in {lowcity} is [insane|wild|awful] [now|rn|]
[whats|hows] the weather in {lowcity}[ {lowcountry}|, {lowcountry}|]
im from {lowcountry}, moved to {lowcity} {n} [yrs|years] ago
flat in {city}[, {country}|] [for rent|to let|wanted]: {n} rooms
[We rent|She bought|They own] a [flat|house|cottage] in {city} near the [old harbour|station|river].
[We|They|She] [drove|moved|cycled|travelled] [to|through|from] {region} [in {n4}|last summer|with {first}].
The [weather|wine|coast|harvest|countryside] in {region} [has been|is|was] [awful|lovely|early].
[She|He|{full}] moved from {city} to {region} in {n4}.
{full}, who [runs|owns] a [small |]farm in {region}, [said|agreed].
[Farmers|Voters|Hotels|Schools] in {region} and {region} [are|were] [angry|closed|full].
born in {city}, {region}[, {country}|]
the [{city}|{region}] [trip|deal|office|plan] [is|was] [off|on|{verb}] [says {first}|]
[Summarise|Forward|Find] the mail from {first} about the {city} [trip|deal|office].
[Write|Make] a [poem|card|song] for my [daughter|son|niece] {first}, [she|he] loves {city}.
[Ciao|Hej|Hola|Salut|Hallo|Olá|Cześć] {first}, [ci vediamo a|ska vi ses i|nos vemos en|on se voit à|wir sehen uns in|até já em|widzimy się w] {city} [domani|imorgon|mañana|demain|morgen|amanhã|jutro][!|?|.]
Merhaba {first}, [yarın|bugün] {city} için yola çıkıyoruz.
[Olá|Oi|Bom dia] {first}, tudo bem? [O|A] {first} já [chegou|saiu|ligou]?
[Witaj|Cześć|Dzień dobry] {first}, [spotkanie z|dzwoniła do] [panią|panem|pana] {last} [jutro|dziś].
[Plot|House|Villa|Shop|Door|Stand|Erf|Block] {plot}, {city}
[Address|Deliver to|Site|Lives at|Return address]: [Plot|House|Villa|Shop|Stand|Block] {plot}, {town}, {city}[ {zip}|]
{nordic}
[Office|Adress|Adresse|Osoite]: {nordic}
[He|She|The van] was [last |]seen on {lane} near the [library|school|canal].
[Turn|Go] [left|right] into {lane} and then {lane}.
[The|Our] [shop|café|depot] is [on|at|at the corner of] {lane}[ and {lane}|].
street={street}&zip={zip}&city={city}
street={street} zip={zip} city={city}
{full}\n{street}\n[Flat|Apt|Unit] {n}\n{city} {zip}
i [shop|work|bought it] at {brand} [and|or] [sometimes |]at {brand}
{brand}, {brand} and {brand} [cancelled flights|raised prices|sent help]
I [used|broke|cleaned|sold] [a|the] {brand} [on the carpet|in the yard|, then the {brand}]
[Meeting Room|Room|Sprint|Project|Server|Operation] {xfirst} is [booked|late|down|closed] [all day|again|]
The [dog|cat|horse|parrot|hamster] [is called|is named|,] {pet}[ and the cat {pet}|, sleeps|].
{xlast}'s [jeans|crisps|burgers|beer|shoes|soup] [size|pack of] {n}
{n} lane [highway|road|motorway|bridge], [two|three] [lane|floor] [street|tower|garage]
{xlast}'s {law} [on|in|for|under|with] {soft}[ {soft}|].
A {xlast} {law} and {xlast}'s {law} on {soft} {soft}.
{xlast}'s {law} was [used|denied|read] [here|twice|for {soft}]
[李|王|林|高|金|文|山|江] [and|or|vs] [我|你|他|书|水|火]
{full=a} [was born in|grew up in|settled in] {city}. {=a.l} [studied|taught] at {org} and [died|retired] in {n4}. {=a.l}'s [father|brother|work|first novel] was [forgotten|widely read].
In {n4}, {last} [became|was named|was elected|was appointed] [professor|bishop|captain|chairman|a member of the {word} board].
[By|After|Until|Around] {n4}, {last} had [left|joined|founded|finished] the [school|band|company|army] and [moved to {city}|married|begun to write].
{last} [was|is] [promoted|buried|educated|survived by two sons|the youngest of five children|best known for the {word}|a pupil of {last}].
{last} [appeared|played|starred|sang] in [several|two|many] [films|plays|series], [among them|including] a [comedy|drama] [by {full}|set in {city}].
{last}'s [father|mother|career|letters|paintings|second album|reign|army|theory|most famous work|early life] [was|were|remained] [little known|lost|a success|in {city}].
[While|When|Although] {last} [was|stayed|lived] in {city}, [he|she] [met|wrote to|painted] {last}.
[Together|Later|Meanwhile|However], {last} and {last} [tried|agreed|returned] to [publish|perform|leave {city}].
[The letters|The friends|A biography|The death|A portrait|The work|The widow|A pupil] of {last} [is|was|were] [published|painted|known] in {n4}.
[As|Like] {last} [noted|wrote|put it], the {word} was [lost|his|new]. [Only|Even|Neither] {last} [knew|objected|came].
[King|Queen|Saint|St.|Prince|Tsar|Pope|Earl|Duke|Marquis|General|Admiral|Count] {last} [sent|asked|met|received] {last} [in {n4}|at {city}|to paint it].
{full=a} ({n4}-{n4}) was a [Danish|Dutch|Polish|French|Turkish|Japanese|Welsh|Brazilian] [poet|general|chemist|painter|cyclist|composer]. {=a.l} [won|lost|wrote] it in {n4}.
[critics|readers|fans|historians] [of|on] {last} [disagree|say so]; {last} [himself|herself] [denied it|said little].
{townlast} [was|is] [born|promoted|married|retired|known for his essays]. {townlast}'s [wife|son|speech|estate] [was|is] [in {city}|lost].
[In {n4}|Later|Then], {townlast} [began|wrote|joined|told|married] [his career|a letter|the firm|{last}|her].
[for|to|by|with|against] {townlast}, the [senator|poet|painter|goalkeeper|judge|author]
the {last} [administration|government|campaign|era|presidency|cabinet|years|regime|family|brothers|trial|memo|doctrine]
[officials|critics|members|supporters] [of|in] the {last} [administration|government|campaign|regime] [said|want|denied] it.
[Under|During|Since] [President|Governor|Chancellor|Prime Minister|Mayor] {last}, {city} [grew|lost {n} jobs].
[Doctor|Dr.|Nurse|Coach|Pastor|Professor|Officer|Mister|Miss] {first} is [great|so kind|the best|awesome]! [Doctor|Dr.|Nurse|Coach] {first} [fixed|saw|helped] [my son|us|me] [right away|last week].
{first} does [a great|an excellent|a wonderful|a terrible] job, [she|he] [always|never] [listens|calls back].
{first}, the [owner|manager|chef|receptionist|vet], [was|is] [rude|lovely|very helpful|there every day].
{first} - the [owner|manager|barber|mechanic] - [knows|loves|runs] [the place|his work|it all].
[Ask for|See|Call|Go to|Request] {first}[!|, you won't regret it.| at the front desk.| - best {word} in {city}.]
[We|I] [hired|used|went to|took my car to] {first} [and|because] [he|she] [fixed|painted|cut|repaired] [the {word}|my hair|everything] [fast|for a fair price].
{first} and {first} are [very thorough|great people|so friendly|a great team]. [Thank you|Thanks] {first} [and {first}|]!
[Great|Awesome|Terrible|Best] [service|place|pizza|haircut]! [Thank you|Thanks|Props to] {first} [at the counter|in sales|for the help|]
[my|his|her] [husband|wife|lesson|class|stylist|trainer|son|daughter|sister] {first} [and I|was with|had] [loved it|a great time|{word}s].
[I|We] will be back. {first} [rocks|is amazing|took care of us|made our day].
the [teacher|instructor|plumber|dentist], {first}, [did|knew|gave] [it well|a lot|us a {word}]. So [I|we] booked with {first} again.
{first}, {first} and {first} - [just|only] wanted to [confirm|check|say hi|ask] [about|for] the {word}.
[Good Morning|Good afternoon|Good evening|Morning|Hi there] {first} - [attached is|I have|please see|here is] the {word}[.|. Thanks, {first}]
[Thanks|Thx|Regards|Best|Cheers|Later]\n\n{first}\n\n{full}\n{org}\n{phone}
{full}@{upcity} on {date} {n}:{n}:{n} AM
{full}\n{date} {n}:{n} [PM|AM]\nTo: {full}/{upcity}/{Word}, {full}\ncc: {full}\nSubject: {thing}
[Jill|{P:Kay}|{first}]: [please|can you] {word} with {first} [today|at {n}]. [Thank you|Thanks]. {full} ext. {n4}
[don't|do not|pls dont] tell {lowfirst}. [the following|this|next] weekend i [am off|work] [with {lowfirst}|]
[i am not|we're not] going unless {lowfirst} [comes|promises to drive|pays]
{alname} [said|was|met {last}|told reporters|fled {city}] [on Friday|in {n4}|the attack was wrong|yesterday].
[cleric|leader|spokesman|general|minister|poet] {alname} [and|of {city}, with] {alname} [agreed|prayed|left {country}]
[a fight with|the arrest of|the death of|supporters of|a speech by] {alname}'s [movement|men|brother|party]
"[We|They] [will not|must] [stop|leave]," al-{last} said [during|after] [prayers|the talks] in {city}.
[Abu|Umm|Ibn|Sheikh] {last} [of|from] {city} [said|wrote] to {alname}
I [like|moved to|grew up in|miss] {city}, [it's|its] near {city} [and|but] [cheap|too hot|far from {country}].
{city} is [a town|not a country|in {country}|just a name|for real], {city} is [in {country}|a river|bigger].
[the|a] {city} [campaign|fighting|uprising|agreement|summit|attack|bombing|earthquake|Olympics|protests|siege|talks] [was|killed {n}|ended|began] in {n4}
[most|half|parts|the people|the outskirts|the streets|the north|the capture|the siege] of {city} [fell|was taken|are safe|were flooded] [on Monday|in {n4}|].
{n} [dead|hurt|arrested|killed] in {city}, {city}[,|] and {city}
[attacks|clashes|protests] in {city} and {city} [spread|left {n} dead|stopped]. Some [fled|drove] to {city}.
{upcity} ([AFP|AP|Reuters|dpa|ANSA]) - [The {word}|{full}|Police in {city}] [was|said so|left] [on Tuesday|.|today]
{upcity}, [May|June|Oct.|Dec.] {n} ([AFP|AP|Reuters|Xinhua]) -- {full=a} [won|denied it|died]. {=a.l} [was|is] {n}.
{upcity} - {full}, a {country} [envoy|official], [met|left] {last} [on Monday|yesterday].
[a boxer|a singer|a visitor|an engineer|a student|he|a team] from the {thecountry}, who [won|came|lost] in {n4}
[in|to|from|across|outside|leave] the {thecountry}[, |. |; ][{full}|she|they] [said|moved|works] [there|too].
the {thecountry} [and|or|,] {country} [signed|agreed|voted] [on trade|in {n4}|again]
the [{abbr}|{abbr}|{thecountry}] [army|government|troops|economy|embassy|dollar|Senate|border|president|ambassador] [is|was] [strong|{verb}|in {city}|ready]
[in|from|to|across|leaving|outside] the {abbr}, [where|and|but] [I|we|{full}] [work|stayed|lived] [until {n4}|]
{abbr} [citizens|officials|forces|diplomats|companies|voters|taxpayers] [evacuated|say|fear|left] {city}
[the|a] [certificate|license|job|house] in the state of {stateabbr} [but|and] [I|we] [want|look] to move to {lowcity}
[Made|Live|Lost|Anarchy] in {city} [is|was] [an album|a film|a song] by {full}
{feature} [is|lies|flows|rises|lies south of {city}|was reached] [in {country}|near {city}|in {n4}|{n} km from {city}].
[We|They|I] [hiked|camped|swam|fished|sailed] [at|near|around|along] {feature} [with {first}|last summer|in May|].
[the shores|the banks|the foot|the north|the source|the edge] of {feature} [is|was|are] [quiet|flooded|dry|cold].
{feature} and {feature} are [both |][lakes|rivers|peaks|stunning|closed] in {country}.
[Flooding|A fire|Snow|The ferry|Fishing] [on|at|near|to] {feature} [closed|stopped|began|is banned] [today|in {n4}|again]
[climbed|going to|back from|drove past|omw to] {lowfeature} [lol|tomorrow|w {lowfirst}|today]
[omw|on my way|heading|running] to {lowfirst}s [place|house|flat|gig][ in {lowcity}|]
[brb|gonna be] [picking up|dropping off|waiting for] {lowfirst} [from|at] [school|work|the {word}|the airport]
who [invited|told|asked|is] {lowfirst} [lol|and why|to the {word}|again]
{lowfirst} n {lowfirst} [r|are|were] coming [w us|with us|2 {lowcity}|to {lowcity}] on [sat|fri|sunday]
{lowfirst} & {lowfirst} [r|are] [here|late|in {lowcity}]
any good [ramen|tacos|coffee|bars] in {lowcity}? {lowfirst} says no
[weather|forecast|time] [for|in] {lowcity} [tomorrow|today|now|this weekend]
what time is it in {lowplace}
what's the [time|weather|date|traffic] [like |]in {lowplace}
[play|get|read] [the |][news|headlines|radio] from {lowplace}
[how far is|directions to|flights to|trains to|distance to|hotels in|restaurants near|population of] {lowplace}
[book|find|order] [a table|a cab|tickets|a room] [for {lowlast}|for {n}|] [near|in|to] {lowplace} [at {n}|tonight|]
[call|text|email] {lowlast} [back|on speaker|about {lowplace}]
book a table for {lowlast} at {n}
remind me to [text|call|email] {lowfull} about {lowplace}
[approved|signed|paid|booked|sent] by {lowinit} [on behalf of|for|and] {first}
[author|owner|reviewer|-- author|user|by]: {lowinit}[, reviewed by {first}|]
user {lowfull} [asked|wants|tried] to [delete|close|open] [the |an |]account
{UPPER}[CONFIRMED|PRESENT|DRIVERS|PAX|GUESTS]: {full} / {full} / {full}
{UPPER}[LAST SEEN|FOUND|SPOTTED|BORN|LIVES] IN {city}, {region}
{full} / {full} / {full}
[Shades|Colours|Paint|Palette]: [Hunter Green|Forest Green|Kelly Green|Harvey Gold|Ruby Red|Misty Blue|Rose Madder|Royal Blue|Olive Grey|Sienna Brown|Amber Glow|Prussian Blue|Payne's Grey|Vandyke Brown|Burnt Sienna], [Hunter Green|Jade Mist|Violet Haze|Pearl White|Amber Gold|Kelly Green|Hazel Brown|Scarlet Red]
{xfirst} [Green|Blue|Red|Gold|Pink|Grey|Brown|White], size [M|L|S|{n}][, {xlast} [Green|Blue|Brown]|]
[in|comes in|painted] {xlast} [green|blue|red|grey|gold|white] [or|and] {xfirst} [pink|brown|green|grey]
[a|the|two|my] [Mont Blanc|Montblanc|Jack Daniels|Jim Beam|Johnnie Walker|Captain Morgan|Ben Nevis|Tanqueray|Hugo Boss|Ralph Lauren|Calvin Klein|Doc Martens|Dr Martens|Tommy Hilfiger|Ray-Ban] [pens|pen|bottle|on the rocks|and coke|boots|shirt|glasses] [and|or] a [Margarita|Mojito|Bloody Mary|Tom Collins|Pina Colada|Martini|Mimosa|Shirley Temple|Cosmopolitan]
import <<{xfirst}, {xfirst}>> from '@[ui|app|lib]/{word}'; import {xlowfirst} from './{word}';
import {xlowfirst} from './{xlowfirst}'; import <<{xfirst}>> from '{word}'
const {xlowfirst} = new {Word}('{Word}', {n}); {word}.{xlowfirst} = {n};
[font|typeface]: [Georgia|Lucida|Helena|Verdana|Garamond|Baskerville|Caslon|Bodoni|Gill Sans|Franklin Gothic|Roboto|Candara], [serif|monospace]
[cluster|image|namespace|theme|profile|host|bucket|queue|channel|codename]: {xlowfirst}\n[port|replicas|version]: {n}
<ward>{xlast}</ward><room>{n}</room><nurse>{full}</nurse>
Storm {xfirst} and Hurricane {xfirst} [compared|were worse|hit {city}]
[Newton|Kelvin|Pascal|Joule|Watt|Volt|Hertz|Tesla|Curie|Becquerel|Celsius|Fahrenheit|Gauss|Weber|Henry|Siemens] [and|,|vs] [newton|kelvin|pascal|joule|watt|tesla|weber|henry] are units of [force|heat|power|charge]
{n} [pascal|kelvin|newton|joule|watt|tesla|henry|curie] [of|at|per] [metre|hour|pressure]
[The|the] [Smithsonian|Guggenheim|Rijksmuseum|Prado|Uffizi|Hermitage|Bundestag|Knesset|Duma|Oireachtas|Capitol|Kremlin] [opened|has|showed|rejected] a [new |]{word}
[Level|Suite|Floor] {n}, {street}, {city}, {state} {zip}
[Office|We] moved[:| to] {level}, {city} {zip}
[our|the|new] [office|showroom|studio] is at {level}, {city}
[Plot|Block|Lot] {plot}, {town} Phase {n}, {city}
{full}\n{nordicgate}\n{n4} {city}\n{country}
[Adresse|Adressa|Osoite|Adres|Ort]: {hausnr}, {zip} {city}
[Lieferung an|Wir sind umgezogen|Treffpunkt|Büro]: {hausnr}, {city}
{hausnr}, {zip} {city}
[She|He|Witness {last}|Mr. {last}] [left|entered|lives on|ran along] {lane} at {n}[.|, said {last}.]
{full=a} ([wife|husband|sister|father|mother]) [collected|signed|paid] it; {=a.f} [called|left] at {n}
[collected|signed|paid] by [wife|son|neighbour|mother] ({first})
[The|A] [village|town|port|hamlet|suburb] of {city} [lies|sits] in {region}[, on the shore of {feature}|].
[railway|train|bus|police] station in {city}, {region}[, {country}|]
{city} [railway station|town hall|airport|harbour|cathedral] [is|was] [closed|in {region}|opened in {n4}].
{city}, {state} - {full=a} [says|wants|was] [it is time|more|hurt]. {=a.l} [lives|works] in {city}, {state}.
[University|Bank|Port|Diocese|County|Free State|Duchy|Gulf|Bay|Straits] of {xcity} [said|closed|opened|was founded] [so|in {n4}]
[CPR|AHV|SV|BSN|Steuer|Kunden|Konto|Rechnungs|Auftrags|Tel|Fax|Mitglieds|Vertrags|Person|Org|Klant|Order]-[nr|Nr|no|No].: {n4}[ {n4}|]\n[Tlf.|Tel.|Name|Navn]: {phone}
[Card|SSN|Account|IBAN|Phone] [on file|no.|ending]: [XXXX-XXXX-XXXX-{n}|XXX-XX-{n}|****-{n}|xxxx-xxxx-{n}]\n[Status|Plan]: {Word}
[sans|avec|ohne|mit] [laisser d'adresse|rendez-vous|avis|Angabe der Adresse]
[ISO|DIN|EN|IEC|RFC|IEEE|ANSI|BS] {n4}[:{n4}|], [RFC|EN|DIN] {n}
[Chargeback|Order|Ticket|Claim] [ORD|INV|REF|TKT|CLM]-{n4}: [cardholder|customer|claimant] {full}
24*{code}
# Author: {full}\n{code}
# {full} wrote this in {n4}\n{code}
/* Copyright (c) {n4} {full} <{mail}> */\n{code}
{code}\n// {first} [says|thinks|found] the {ident} is [wrong|late], ask {first}
{code}\n// TODO({lowfirst}): check {ident}
{code}\n# [Translated|Written|Contributed|Reported] by {full} [from C|in {n4}|.]
{code}\n[user|owner|author] = "{full}"
{code}\n    print("{full}", {n})
{code}\n    <<"name": "{full}", "city": "{city}">>,
[Can you|Please|Could you] [explain|fix|review] this?\n{code}
Here is the [code|log|diff]:\n{code}\n[Thanks|Cheers], {first}
the {ident} [flag|option|function|field|table] [of|in] {ident} [is|was] [{verb}|not set|missing]
[call|set|pass|unset|import] {ident} [before|after|and] {ident}[.|, says {first}.]
[{ident}|{ident}]: [command not found|no such file or directory|permission denied]
[Prime Minister|Vice President|Foreign Minister|Chief Justice|Attorney General|Police Chief|Chief Executive|Managing Director] {full} [met|told|thanked] [Prime Minister|Foreign Minister|President|Secretary-General] {last} in {city}.
{country} [borders|trades with|lies north of|attacked|recognised] {country}[.|; {first} said so.|, {country} and {country}.]
'''


def repeated(line):
    """24*TEMPLATE stands for so many of it: how often it is drawn."""
    times = re.match(r'(\d+)\*', line)
    return [line[times.end():]] * int(times.group(1)) if times else [line]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data')
    p.add_argument('out')
    p.add_argument('--n', type=int, default=8000)
    p.add_argument('--seed', type=int, default=11)
    a = p.parse_args()
    templates = [t for line in TEMPLATES.strip('\n').split('\n') for t in repeated(line)]
    templates = [t.replace('\\n', '\n').replace('\\t', '\t') for t in templates]
    texts.write(a.out, templates, a.n, a.data, a.seed)


if __name__ == '__main__':
    main()
