/* SPDX-License-Identifier: Apache-2.0 */
/* The pin and the headers of segments and frames, as a stranger may have left them on disk. */
#include "audit_int.h"
#include "audit_pin_int.h"
#include "audit_time.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size), json;
    struct audit_pin pin;
    struct segment_head segment;
    struct frame_head frame;
    uint64_t ns;
    size_t at = 0;
    bool pinned = !failed(audit_pin_parse(in, &pin));
    bool is_segment = !failed(segment_head_read(in, &segment));
    bool is_frame = !failed(frame_head_read(in, &frame));
    if (pinned && (is_segment || is_frame))
        abort(); /* one file is never two things */
    if (is_frame && frame_size(&frame) < frame.bytes)
        abort();
    while (!failed(frame_record(in, &at, &json)))
        if (json.n && (json.p < data || json.p + json.n > data + size))
            abort();
    if (!failed(audit_time_read(in, &ns)) && size != 10) {
        uint8_t text[AUDIT_TIME_BYTES];
        struct wr w = wr_of(text, sizeof text);
        audit_time_put(&w, ns);
        if (!span_starts(wr_span(&w), span_cut(in, 0, 19)))
            abort();
    }
    return 0;
}
