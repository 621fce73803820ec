#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Labelled texts for training, in the shapes that real traffic has and edited text has not.

usage: generate.py DATA OUT.jsonl[.gz] [--n 8000] [--seed 11]
"""
import argparse

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
'''


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data')
    p.add_argument('out')
    p.add_argument('--n', type=int, default=8000)
    p.add_argument('--seed', type=int, default=11)
    a = p.parse_args()
    templates = [t.replace('\\n', '\n').replace('\\t', '\t') for t in TEMPLATES.strip('\n').split('\n')]
    texts.write(a.out, templates, a.n, a.data, a.seed)


if __name__ == '__main__':
    main()
