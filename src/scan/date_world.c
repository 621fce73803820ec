/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days as they are written in one part of the world: with the signs of year, month and day in
 * Chinese, Japanese and Korean, counted by the reign of an emperor, in Vietnamese words, in Thai
 * with the years of Buddha, with a dot and a blank behind each number, by the week. Called by
 * date.c for the digits beside which it sees what may be one of them, which is rare.
 */
#include "date_int.h"

enum { MONTHS = 12, DAYS = 31, LETTER = 3 /* bytes of a sign of the East */ };

/* A number of one or two digits from 1 to `most` at `at`: its end, or 0. */
static size_t small_end(struct span t, size_t at, unsigned most)
{
    size_t end;
    unsigned n = date_number(t, at, 2, &end);
    return end > at && n >= 1 && n <= most && !is(peek(t, end), C_DIGIT) ? end : 0;
}

static bool has(struct span t, size_t at, const char *words)
{
    return at <= t.n && span_is(span_cut(t, at, strlen(words)), words);
}

static bool has_before(struct span t, size_t at, const char *words)
{
    size_t n = strlen(words);
    return at >= n && has(t, at - n, words);
}

/* ---- the East ---- */

/* Month and day behind a year's digits, which end at `end`; 0 when there are none. */
static size_t eastern_end(struct span t, size_t end)
{
    static const char *const signs[][3] = {{"年", "月", "日"}, {"년", "월", "일"}};
    static const unsigned most[] = {MONTHS, DAYS};
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
        size_t at = end;
        for (size_t i = 0; at && has(t, at, signs[k][i]); i++) {
            at += LETTER;
            if (i == 2)
                return at;
            at = small_end(t, at + (peek(t, at) == ' '), most[i]);
        }
    }
    return 0;
}

/* Where the name of a reign begins that ends at `at`; at, where none does. */
static size_t reign_start(struct span t, size_t at)
{
    static const char *const reigns[] = {"令和", "平成", "昭和", "大正", "明治", "民國", "民国"};
    for (size_t i = 0; i < sizeof reigns / sizeof *reigns; i++)
        if (has_before(t, at, reigns[i]))
            return at - strlen(reigns[i]);
    return at;
}

static struct date_world of_reign(struct span t, size_t at, size_t end)
{
    size_t start = reign_start(t, at);
    return (struct date_world){start, start < at ? eastern_end(t, end) : 0};
}

size_t date_world_reign(struct span t, size_t at)
{
    enum { YEARS = 64 /* of the longest reign */ };
    size_t end = small_end(t, at, YEARS);
    if (!end || !memchr("MTSHR", prev(t, at), 5))
        return 0;
    uint8_t sign = peek(t, end);
    if (sign != '.' && sign != '/')
        return 0;
    end = small_end(t, end + 1, MONTHS);
    return end && peek(t, end) == sign ? small_end(t, end + 1, DAYS) : 0;
}

/* ---- a dot and a blank ---- */

/* ". " and a number of up to `most`; its end, or 0. */
static size_t dotted_end(struct span t, size_t at, unsigned most)
{
    return has(t, at, ". ") ? small_end(t, at + 2, most) : 0;
}

/* "1988. 7. 21": a year first, as in Korea and Hungary. */
static size_t dotted_year_end(struct span t, size_t end)
{
    size_t month = dotted_end(t, end, MONTHS);
    return month ? dotted_end(t, month, DAYS) : 0;
}

/* Four digits of a year at `at` with nothing joined to them: their end, or 0. */
static size_t year_end(struct span t, size_t at, unsigned from, unsigned to)
{
    size_t end;
    unsigned year = date_number(t, at, 5, &end);
    return end == at + 4 && year >= from && year <= to && !is(peek(t, end), C_LETTER) ? end : 0;
}

/* "5. 3. 2024": a day first. */
static size_t dotted_day_end(struct span t, size_t at, size_t end)
{
    size_t month = small_end(t, at, DAYS) == end ? dotted_end(t, end, MONTHS) : 0;
    return month && has(t, month, ". ") ? year_end(t, month + 2, 1900, 2199) : 0;
}

/* ---- Vietnam, Thailand ---- */

/* "ngày 5 tháng 3 năm 2024", "5 tháng 3, 2024". */
static struct date_world vietnamese(struct span t, size_t at, size_t end)
{
    static const char *const days[] = {"ngày ", "Ngày ", "mùng ", "mồng "};
    static const char *const years[] = {" năm ", ", năm ", ", ", " ", "/"};
    struct date_world d = {at, 0};
    if (!has(t, end, " tháng ") && !has(t, end, " Tháng "))
        return d;
    size_t month = small_end(t, end + strlen(" tháng "), MONTHS);
    for (size_t i = 0; month && !d.end && i < sizeof years / sizeof *years; i++)
        if (has(t, month, years[i]))
            d.end = year_end(t, month + strlen(years[i]), 1000, 2199);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (has_before(t, at, days[i]))
            d.start = at - strlen(days[i]);
    return d;
}

/* The end of a Thai month's name, whole or short, at `at`; 0 where there is none. */
static size_t thai_month_end(struct span t, size_t at)
{
    static const char *const months[] = {
        "มกราคม", "กุมภาพันธ์", "มีนาคม",    "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม",
        "กันยายน", "ตุลาคม",   "พฤศจิกายน", "ธันวาคม", "ม.ค.",    "ก.พ.",   "มี.ค.",    "เม.ย.",
        "พ.ค.",   "มิ.ย.",    "ก.ค.",     "ส.ค.",   "ก.ย.",    "ต.ค.",   "พ.ย.",    "ธ.ค."};
    for (size_t i = 0; i < sizeof months / sizeof *months; i++)
        if (has(t, at, months[i]))
            return at + strlen(months[i]);
    return 0;
}

/* "5 มีนาคม 2567", "5 ก.พ. พ.ศ. 2530": years of Buddha, or of ours. */
static size_t thai_end(struct span t, size_t end)
{
    size_t at = thai_month_end(t, end + (peek(t, end) == ' '));
    if (!at)
        return 0;
    at += peek(t, at) == ' ';
    if (has(t, at, "พ.ศ.") || has(t, at, "ค.ศ."))
        at += strlen("พ.ศ.");
    return year_end(t, at + (peek(t, at) == ' '), 1800, 2699);
}

/* ---- weeks ---- */

/* "2024-W10-2": a day of a week. */
static size_t week_end(struct span t, size_t at)
{
    enum { WEEKS = 53, WEEKDAYS = 7 };
    size_t end = year_end(t, at, 1900, 2199), week;
    if (!end || !has(t, end, "-W"))
        return 0;
    unsigned n = date_number(t, end + 2, 3, &week);
    if (week != end + 4 || n < 1 || n > WEEKS || peek(t, week) != '-')
        return 0;
    size_t day = small_end(t, week + 1, WEEKDAYS);
    return day == week + 2 && !is(peek(t, day), C_WORD) ? day : 0;
}

/* ---- what date.c asks ---- */

struct date_world date_world_of_year(struct span t, size_t at, size_t end)
{
    switch (peek(t, end)) {
    case '.':
        return (struct date_world){at, dotted_year_end(t, end)};
    case '-':
        return (struct date_world){at, week_end(t, at)};
    default:
        return (struct date_world){at, eastern_end(t, end)};
    }
}

struct date_world date_world_of_day(struct span t, size_t at, size_t end)
{
    uint8_t behind = peek(t, end);
    if (behind == '.')
        return (struct date_world){at, dotted_day_end(t, at, end)};
    if (is(behind, C_HIGH) && is(prev(t, at), C_HIGH)) {
        struct date_world d = of_reign(t, at, end);
        if (d.end)
            return d;
    }
    if ((peek(t, end + 1) | 0x20) == 't')
        return vietnamese(t, at, end);
    bool thai = is(behind, C_HIGH) || (behind == ' ' && is(peek(t, end + 1), C_HIGH));
    return (struct date_world){at, thai ? thai_end(t, end) : 0};
}

size_t date_world_blanks(struct span t, size_t at, size_t end)
{
    size_t second, last;
    unsigned a = date_number(t, at, 2, &second);
    unsigned b = date_number(t, end + 1, 2, &second);
    unsigned year = date_number(t, second + 1, 4, &last);
    size_t digits = last - second - 1;
    if (second == end + 1 || peek(t, second) != ' ' || (digits != 2 && digits != 4) ||
        is(peek(t, last), C_WORD) || (peek(t, last) == ' ' && is(peek(t, last + 1), C_DIGIT)) ||
        (prev(t, at) == ' ' && at > 1 && is(t.p[at - 2], C_DIGIT)))
        return 0;
    return check_date(year, b, a) || check_date(year, a, b) ? last : 0;
}
