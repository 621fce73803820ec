/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a config file to settings. Called by parent, `sanctum config` and tools that run without the
 * daemon; never by a role that serves.
 */
#ifndef SANCTUM_ROLE_SETTINGS_SETTINGS_LOAD_H
#define SANCTUM_ROLE_SETTINGS_SETTINGS_LOAD_H

#include "conf.h"
#include "settings.h"

/* The config that holds when there is no file: loopback, the echo provider for every model. */
extern const char settings_default_yaml[];

/*
 * Read and check the file, or the embedded default when `path` is NULL. On failure *out is empty
 * and `f` says where and what was expected, as one line "FILE:LINE: expected …" (conf_fault_text);
 * ERR_INPUT for what the file says, ERR_IO when it cannot be read. What the settings need of this
 * machine must be there: ca_file where a provider is reached over TLS, the time zone where there is
 * a database of them.
 */
MUST struct err settings_load(const char *path, struct settings *out, struct conf_fault *f);
/* The same for text in memory; `file` is the name that faults carry. */
MUST struct err settings_parse(struct span yaml, const char *file, struct settings *out,
                               struct conf_fault *f);

/*
 * Recognisers from the text of a file: a list in our form, a mapping with such a list under
 * `recognisers`, or Presidio's registry (`recognizers`, with `supported_languages` and
 * `global_regex_flags` beside). They are added to those of `s`. Presidio's own recognisers (type
 * predefined, or a bare name) and disabled ones are passed over: sanctum has its own. Every fault
 * names file and line, a bad expression also the character and the reason.
 */
MUST struct err settings_parse_recognisers(struct settings *s, struct span yaml, const char *file,
                                           struct conf_fault *f);

/*
 * Where the config is: `given` (--config) if not NULL, else SANCTUM_CONFIG, else
 * /etc/sanctum/sanctum.yaml for root and $XDG_CONFIG_HOME/sanctum/sanctum.yaml otherwise. *path is
 * filled with the file to load, or emptied when none of the last two exists: then the embedded
 * default holds. A file that was named but is missing is an error at load.
 */
MUST struct err settings_path(const char *given, struct buf *path);

/* Append the settings as YAML, complete, with defaults filled in: what `sanctum config show`
 * prints. Reading it back gives the same settings. */
MUST struct err settings_show(const struct settings *s, struct buf *out);
/* The same as one JSON object. */
MUST struct err settings_show_json(const struct settings *s, struct buf *out);
/* Append the reference page, Markdown, made from settings.def. */
MUST struct err settings_reference(struct buf *out);

#endif
