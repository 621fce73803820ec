/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everyday words of Hebrew and Arabic, scripts without capitals: the model, which has seen little
 * of them, takes a greeting or the words behind a name for more of the name. What a name begins
 * with of them goes, and so does all from the first behind it on ("محمد الهاشمي وأريد المساعدة").
 */
#include "place_int.h"

static const char *const everyday[] = {
    /* Hebrew */
    "תודה", "רבה", "בוקר", "ערב", "לילה", "טוב", "טובה", "שבוע", "שבת", "יום", "חג", "שמח", "אני",
    "אתה", "את", "הוא", "היא", "אנחנו", "אתם", "הם", "רוצה", "צריך", "צריכה", "יכול", "יכולה",
    "מבקש", "מבקשת", "שלי", "שלך", "שלו", "שלה", "שלנו", "שלכם", "על", "אל", "עם", "של", "זה",
    "זאת", "כל", "לא", "כן", "מה", "מי", "איך", "איפה", "מתי", "למה", "כדי", "גם", "אבל", "או",
    "החשבון", "חשבון", "ההזמנה", "הזמנה", "המשלוח", "מספר", "טלפון", "בטלפון", "כתובת", "הכתובת",
    "בבקשה", "לכולם", "ליצור", "קשר", "עזרה", "לבטל", "לקבל", "לשלוח", "הודעה", "היום", "מחר",
    "אתמול", "עכשיו",
    /* Arabic */
    "أريد", "وأريد", "أود", "وأود", "أنا", "وأنا", "أنت", "هو", "هي", "نحن", "طلبي", "الطلب", "طلب",
    "إلغاء", "المساعدة", "مساعدة", "شكرا", "شكراً", "جزيلا", "جزيلاً", "الخير", "مساء", "مرحبا",
    "مرحباً", "السلام", "عليكم", "من", "في", "على", "إلى", "عن", "مع", "هذا", "هذه", "ذلك", "كيف",
    "متى", "أين", "لماذا", "ماذا", "هل", "فضلك", "فضلكم", "حسابي", "رقم", "ورقم", "رقمي", "هاتفي",
    "هاتف", "عنوان", "عنواني", "وعنواني", "لدي", "ولدي", "غدا", "اليوم", "أمس", "الآن", "موعد",
    "موعدك", "تم", "كان", "كانت", "يعمل", "تعمل", "ويعمل", "وتعمل", "يسكن", "ويسكن"};
/* Names, too, but greetings where such words stand behind them. */
static const char *const greetings[] = {"שלום", "היי", "صباح", "سلام"};
/* What makes one name with the word behind it, as in "عبد السلام", "أبو الخير", "סימן טוב". */
static const char *const joining[] = {"عبد", "أبو", "ابو", "بن", "בן", "בר", "סימן", "שם"};
/* Given names, too ("שלי כהן"): where they begin with another word of a name behind them. */
static const char *const given[] = {"שלי"};

static bool listed(struct span word, const char *const *of, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (span_is(word, of[i]))
            return true;
    return false;
}

/* The word at or behind `at`, which blanks end; empty at `end`. */
static struct span word_at(struct span t, size_t at, size_t end)
{
    while (at < end && t.p[at] <= ' ')
        at++;
    size_t to = at;
    while (to < end && t.p[to] > ' ')
        to++;
    return span_cut(t, at, to - at);
}

/* Is the word an everyday one, and no part of a name behind `before` (empty: it is the first)? */
static bool is_plain(struct span t, struct span word, struct span before, size_t end)
{
    if (!listed(word, everyday, COUNT(everyday)) || listed(before, joining, COUNT(joining)))
        return false;
    struct span next = word_at(t, (size_t)(word.p - t.p) + word.n, end);
    return !(next.n && !before.n && listed(word, given, COUNT(given)) &&
             !listed(next, everyday, COUNT(everyday)));
}

bool everyday_cut(struct span t, struct finding *f)
{
    size_t kept = 0, end = f->end;
    struct span word, only = SPAN_NONE, before = SPAN_NONE;
    for (size_t at = f->start; (word = word_at(t, at, end)).n;
         at = (size_t)(word.p - t.p) + word.n, before = word) {
        bool plain = is_plain(t, word, before, end);
        if (plain && kept && listed(only, greetings, COUNT(greetings)))
            return false;
        if (plain && kept)
            return true;
        if (plain)
            continue;
        if (!kept)
            f->start = (uint32_t)(word.p - t.p);
        only = kept++ ? SPAN_NONE : word;
        f->end = (uint32_t)((size_t)(word.p - t.p) + word.n);
    }
    return kept;
}
