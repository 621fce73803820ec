/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The position tables: for each surface what its members hold. A member that is not listed is text
 * (or what the shape's `rest` says), so that a new field of a provider is masked from its first
 * day. A line here either exempts something, or says that it is more than plain text.
 */
#include "json.h"
#include "shape_int.h"

// clang-format off
#define FIELD(name, kind, lane, ph, sub, form)                                                      \
    {name, sizeof(name) - 1, kind, lane, LLM_PHASE_##ph, sub, form}
#define F(name, kind)                  FIELD(name, kind, 0, REST, NULL, NULL)
#define FS(name, kind, sub)            FIELD(name, kind, 0, REST, sub, NULL)
#define FORM(name, kind, sub, form)    FIELD(name, kind, 0, REST, sub, &(form))
#define LANE(name, kind, lane)         FIELD(name, kind, lane, REST, NULL, NULL)
#define TOP(name, kind, ph, sub, form) FIELD(name, kind, 0, ph, sub, &(form))
#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAKE(id, rest, rest_sub, message, lacks, ...)                                               \
    static const struct shape_field id##_fields[] = {__VA_ARGS__};                                  \
    static const struct shape id = {id##_fields, COUNT(id##_fields), rest, message, false, rest_sub, \
                                    lacks}
#define SHAPE(id, ...)          MAKE(id, LLM_TEXT, NULL, false, NULL, __VA_ARGS__)
#define NEEDS(id, lacks, ...)   MAKE(id, LLM_TEXT, NULL, false, lacks, __VA_ARGS__)
#define MESSAGE(id, lacks, ...) MAKE(id, LLM_TEXT, NULL, true, lacks, __VA_ARGS__)

const struct shape shape_any = {NULL, 0, LLM_TEXT, false, false, NULL, NULL};
const struct shape shape_args = {NULL, 0, LLM_ARG, false, true, &shape_args, NULL};
/* Objects of enumerations and identifiers, and the few places in them for a person's words. */
static const struct shape names;
MAKE(names, LLM_NAME, &names, false, NULL,
    F("instructions", LLM_TEXT), F("description", LLM_TEXT), F("prompt", LLM_TEXT));

/* ---- what the members that carry a conversation must be. An element that could be text is let
 * through as text: some servers take lists of strings where the dialect's owner wants parts ---- */

enum {
    LIST = 1 << JSON_ARRAY, OBJECT = 1 << JSON_OBJECT, STRING = 1 << JSON_STRING,
    NUMBER = 1 << JSON_NUMBER, NOTHING = 1 << JSON_NULL,
};
#define ROLE_LACKS "a message has no role"
static const struct shape_form messages_form = {LIST, OBJECT, true, "messages must be a list of objects"};
static const struct shape_form role_form = {STRING, 0, true, "role must be a string"};
static const struct shape_form content_form = {STRING | LIST | NOTHING, OBJECT | STRING, false,
    "content must be a string or a list of parts"};
#define A_STRING(name) {STRING | NOTHING, 0, false, name " must be a string"}
static const struct shape_form content_string = A_STRING("content"), system_string = A_STRING("system"),
    prompt_string = A_STRING("prompt");
static const struct shape_form system_form = {STRING | LIST | NOTHING, OBJECT, false,
    "system must be a string or a list of text blocks"};
#define A_LIST_OF_OBJECTS(name) {LIST | NOTHING, OBJECT, false, name " must be a list of objects"}
static const struct shape_form tools_form = A_LIST_OF_OBJECTS("tools"), functions_form = A_LIST_OF_OBJECTS("functions"),
    history_form = A_LIST_OF_OBJECTS("messages");
static const struct shape_form prompt_form = {STRING | LIST | NOTHING, STRING | NUMBER | LIST, false,
    "prompt must be a string, or a list of strings or tokens"};
static const struct shape_form embedded_form = {STRING | LIST, STRING | NUMBER | LIST | OBJECT, true,
    "input must be a string, or a list of strings, tokens or parts"};
static const struct shape_form input_form = {STRING | LIST | NOTHING, OBJECT | STRING, false,
    "input must be a string or a list of items"};
static const struct shape_form embed_form = {STRING | LIST | NOTHING, STRING, false,
    "input must be a string or a list of strings"};
static const struct shape_form instructions_form = {STRING | LIST | NOTHING, OBJECT | STRING, false,
    "instructions must be a string"};
static const struct shape_form template_form = {OBJECT | NOTHING, 0, false, "prompt must be an object"};

/* ---- JSON schema: what a person wrote is text, examples of values are what arguments are; keywords'
 * values and property names are names, changed only where they hold a value that is certain (a mail
 * address, a secret) ---- */

static const struct shape schema;
static const struct shape schema_map = {NULL, 0, LLM_NAME, false, false, &schema, NULL};
MAKE(schema, LLM_NAME, &schema, false, NULL,
    F("description", LLM_TEXT), F("title", LLM_TEXT), F("$comment", LLM_TEXT),
    F("errorMessage", LLM_TEXT), F("markdownDescription", LLM_TEXT),
    F("enumDescriptions", LLM_TEXT), F("markdownEnumDescriptions", LLM_TEXT),
    F("deprecationMessage", LLM_TEXT),
    FS("enum", LLM_ARG, &shape_args), FS("const", LLM_ARG, &shape_args),
    FS("default", LLM_ARG, &shape_args), FS("examples", LLM_ARG, &shape_args),
    FS("example", LLM_ARG, &shape_args),
    FS("properties", LLM_NAME, &schema_map), FS("patternProperties", LLM_NAME, &schema_map),
    FS("$defs", LLM_NAME, &schema_map), FS("definitions", LLM_NAME, &schema_map),
    FS("dependentSchemas", LLM_NAME, &schema_map));

/* ---- OpenAI: what its surfaces share ---- */

SHAPE(json_schema, F("name", LLM_NAME), FS("schema", LLM_NAME, &schema));
SHAPE(format, F("type", LLM_NAME), F("name", LLM_NAME), FS("schema", LLM_NAME, &schema),
    FS("json_schema", LLM_TEXT, &json_schema));
SHAPE(response_text, FS("format", LLM_NAME, &format), F("verbosity", LLM_NAME));
SHAPE(function_def, F("name", LLM_NAME), FS("parameters", LLM_NAME, &schema));
/* Flat (Responses) and wrapped (chat, Ollama) tools in one: their members do not collide. */
SHAPE(openai_tool, F("type", LLM_NAME), F("name", LLM_NAME), F("server_label", LLM_NAME),
    FS("function", LLM_TEXT, &function_def), FS("custom", LLM_TEXT, &function_def),
    FS("parameters", LLM_NAME, &schema), FS("cache_control", LLM_NAME, &names));
SHAPE(link, F("url", LLM_DATA), F("detail", LLM_NAME));
SHAPE(sound, F("data", LLM_DATA), F("format", LLM_NAME), F("id", LLM_NAME));
SHAPE(upload, F("file_data", LLM_DATA), F("file_id", AS_REMOTE));
/* A citation: positions in the text beside it. */
static const struct shape annotation;
SHAPE(annotation, F("type", LLM_NAME), F("start_index", LLM_AT), F("end_index", LLM_AT_END),
    FS("url_citation", LLM_TEXT, &annotation));
/* Parts of a message: chat's and Responses'. */
SHAPE(openai_part, F("type", AS_TYPE), F("text", AS_CITED), FS("annotations", LLM_TEXT, &annotation),
    FS("image_url", LLM_DATA, &link), F("detail", LLM_NAME),
    FS("input_audio", LLM_TEXT, &sound), FS("file", LLM_TEXT, &upload), F("file_data", LLM_DATA),
    F("file_id", AS_REMOTE), F("file_url", LLM_DATA), F("logprobs", LLM_NULLED),
    FS("cache_control", LLM_NAME, &names), FS("prompt_cache_breakpoint", LLM_NAME, &names));
SHAPE(call_function, F("name", LLM_NAME), FS("arguments", LLM_JSON, &shape_args));
SHAPE(call_custom, F("name", LLM_NAME));
SHAPE(google_extra, F("thought_signature", LLM_SKIP));
SHAPE(call_extra, FS("google", LLM_TEXT, &google_extra));
SHAPE(call, F("id", LLM_NAME), F("type", LLM_NAME), FS("function", LLM_TEXT, &call_function),
    FS("custom", LLM_TEXT, &call_custom), FS("extra_content", LLM_TEXT, &call_extra));
/* OpenRouter's reasoning items: under a signature, or encrypted. */
SHAPE(reasoning_item, F("type", LLM_NAME), F("id", LLM_NAME), F("format", LLM_NAME),
    F("text", LLM_SIGNED), F("summary", LLM_SIGNED), F("data", LLM_SKIP),
    F("signature", AS_SIGNATURE));
MESSAGE(chat_message, ROLE_LACKS, FORM("role", AS_ROLE, NULL, role_form), F("name", LLM_LABEL), F("tool_call_id", LLM_NAME),
    FORM("content", LLM_TEXT, &openai_part, content_form), FS("tool_calls", LLM_TEXT, &call),
    FS("function_call", LLM_TEXT, &call_function), FS("audio", LLM_TEXT, &sound),
    FS("reasoning_details", LLM_TEXT, &reasoning_item), FS("cache_control", LLM_NAME, &names));
SHAPE(stream_options, F("include_usage", AS_INCLUDE_USAGE));

#define OPENAI_TOP                                                                                  \
    F("model", AS_MODEL), F("models", LLM_NAME), F("stream", AS_STREAM),                            \
    FS("stream_options", AS_STREAM_OPTIONS, &stream_options), F("n", AS_CHOICES),                   \
    F("max_tokens", AS_MAX_OUTPUT), F("max_completion_tokens", AS_MAX_OUTPUT),                      \
    F("max_output_tokens", AS_MAX_OUTPUT), F("service_tier", LLM_NAME), F("store", AS_STORED),      \
    F("background", AS_STORED), FS("tool_choice", LLM_NAME, &names),                                \
    F("reasoning_effort", LLM_NAME), FS("reasoning", LLM_NAME, &names), F("verbosity", LLM_NAME),   \
    F("modalities", LLM_NAME), FS("audio", LLM_NAME, &names), F("encoding_format", LLM_NAME),       \
    FS("logit_bias", LLM_NAME, &names), F("seed", LLM_NAME), FS("metadata", LLM_ARG, &shape_args), FS("provider", LLM_NAME, &names), F("truncation", LLM_NAME),         \
    F("include", LLM_NAME), F("prompt_cache_retention", LLM_NAME)

#define MESSAGES_LACK "messages is missing"
#define INPUT_LACKS "input is missing"
NEEDS(chat_request, MESSAGES_LACK, OPENAI_TOP,
    TOP("messages", LLM_TEXT, MESSAGES, &chat_message, messages_form),
    TOP("tools", LLM_TEXT, TOOLS, &openai_tool, tools_form),
    TOP("functions", LLM_TEXT, TOOLS, &function_def, functions_form),
    FS("response_format", LLM_TEXT, &format));
SHAPE(completions_request, OPENAI_TOP, TOP("prompt", AS_TOKENS, MESSAGES, NULL, prompt_form));
NEEDS(embeddings_request, INPUT_LACKS, OPENAI_TOP,
    TOP("input", AS_TOKENS, MESSAGES, NULL, embedded_form));

SHAPE(chat_answer_message, F("role", LLM_NAME), FS("tool_calls", LLM_TEXT, &call),
    FS("function_call", LLM_TEXT, &call_function), FS("audio", LLM_TEXT, &sound),
    F("reasoning_details", LLM_SKIP), FS("content", AS_CITED, &openai_part),
    FS("annotations", LLM_TEXT, &annotation));
SHAPE(chat_choice, F("finish_reason", LLM_NAME), F("logprobs", LLM_NULLED),
    FS("message", LLM_TEXT, &chat_answer_message));
SHAPE(chat_answer, F("id", LLM_SKIP), F("object", LLM_SKIP), F("model", LLM_SKIP),
    F("usage", AS_USAGE), F("data", LLM_SKIP), FS("choices", LLM_TEXT, &chat_choice),
    F("system_fingerprint", LLM_SKIP));

SHAPE(delta_function, F("name", LLM_NAME), LANE("arguments", LLM_JSON, LLM_LANE_ARGS));
SHAPE(delta_old_call, F("name", LLM_NAME), LANE("arguments", LLM_JSON, LLM_LANE_CALL));
SHAPE(delta_custom, F("name", LLM_NAME), LANE("input", LLM_TEXT, LLM_LANE_INPUT));
SHAPE(delta_call, F("index", AS_AT1), F("id", LLM_NAME), F("type", LLM_NAME),
    FS("function", LLM_TEXT, &delta_function), FS("custom", LLM_TEXT, &delta_custom),
    FS("extra_content", LLM_TEXT, &call_extra));
SHAPE(delta_audio, F("id", LLM_SKIP), F("data", LLM_SKIP),
    LANE("transcript", LLM_TEXT, LLM_LANE_AUDIO));
SHAPE(chat_delta, F("role", LLM_NAME), LANE("content", LLM_TEXT, LLM_LANE_TEXT),
    LANE("refusal", LLM_TEXT, LLM_LANE_REFUSAL), LANE("reasoning", LLM_TEXT, LLM_LANE_SUMMARY),
    LANE("reasoning_content", LLM_TEXT, LLM_LANE_REASONING), F("reasoning_details", LLM_SKIP),
    FS("tool_calls", LLM_TEXT, &delta_call), FS("function_call", LLM_TEXT, &delta_old_call),
    FS("audio", LLM_TEXT, &delta_audio), FS("annotations", LLM_TEXT, &annotation));
SHAPE(chat_event_choice, F("index", AS_AT0), FS("delta", LLM_TEXT, &chat_delta),
    LANE("text", LLM_TEXT, LLM_LANE_TEXT), F("finish_reason", LLM_END_OF),
    F("logprobs", LLM_NULLED));
SHAPE(chat_event, F("id", AS_ID), F("object", LLM_SKIP), F("created", AS_CREATED),
    F("model", AS_EVENT_MODEL), F("usage", LLM_SKIP), F("obfuscation", LLM_SKIP),
    F("system_fingerprint", AS_FINGERPRINT), FS("choices", LLM_TEXT, &chat_event_choice));

/* ---- OpenAI Responses ---- */

MESSAGE(item, NULL, F("type", LLM_NAME), F("role", AS_ROLE), F("id", LLM_NAME), F("call_id", LLM_NAME),
    F("status", LLM_NAME), F("name", LLM_NAME), F("server_label", LLM_NAME),
    FORM("content", LLM_TEXT, &openai_part, content_form), FS("summary", LLM_TEXT, &openai_part),
    FS("arguments", LLM_JSON, &shape_args), FS("output", LLM_RESULT, &openai_part),
    FS("action", LLM_ARG, &shape_args), FS("operation", LLM_ARG, &shape_args),
    F("encrypted_content", LLM_SKIP), F("approval_request_id", LLM_NAME),
    /* a part may stand where an item is expected */
    F("image_url", LLM_DATA), F("file_data", LLM_DATA), F("file_id", AS_REMOTE));
SHAPE(prompt, F("id", LLM_NAME), F("version", LLM_NAME));
SHAPE(responses_request, OPENAI_TOP, TOP("input", LLM_TEXT, MESSAGES, &item, input_form),
    TOP("instructions", LLM_TEXT, SYSTEM, &item, instructions_form),
    TOP("tools", LLM_TEXT, TOOLS, &openai_tool, tools_form),
    TOP("prompt", LLM_TEXT, MESSAGES, &prompt, template_form), FS("text", LLM_TEXT, &response_text),
    F("previous_response_id", AS_STATE), F("conversation", AS_STATE));

SHAPE(responses_answer, F("id", LLM_SKIP), F("object", LLM_SKIP), F("model", LLM_SKIP),
    F("status", LLM_NAME), F("usage", AS_USAGE), F("previous_response_id", LLM_SKIP),
    FS("output", LLM_TEXT, &item), FS("instructions", LLM_TEXT, &item),
    FS("tools", LLM_TEXT, &openai_tool), FS("text", LLM_TEXT, &response_text));
/* The lane of `delta` follows from the event's type (read.c). */
SHAPE(responses_event, F("type", AS_TYPE), F("sequence_number", LLM_SEQ),
    F("output_index", AS_AT0), F("content_index", AS_AT1), F("summary_index", AS_AT1),
    F("item_id", AS_ITEM), LANE("delta", LLM_TEXT, LLM_LANE_TEXT), F("arguments", LLM_JSON),
    FS("item", LLM_TEXT, &item), FS("part", LLM_TEXT, &openai_part), F("logprobs", LLM_NULLED),
    FS("annotation", LLM_TEXT, &annotation),
    FS("response", LLM_TEXT, &responses_answer), F("obfuscation", LLM_SKIP));

/* ---- Anthropic ---- */

static const struct shape block;
SHAPE(citation, F("type", LLM_NAME), F("document_index", AS_AT1), F("start_char_index", LLM_DOC_AT),
    F("end_char_index", LLM_DOC_AT_END), F("encrypted_index", LLM_SKIP));
SHAPE(source, F("type", AS_TYPE), F("media_type", LLM_NAME), F("data", LLM_DATA),
    F("url", LLM_DATA), F("file_id", AS_REMOTE), FS("content", LLM_TEXT, &block));
SHAPE(block, F("type", AS_TYPE), FS("citations", LLM_TEXT, &citation), F("id", LLM_NAME), F("tool_use_id", LLM_NAME),
    F("name", LLM_NAME), F("server_name", LLM_NAME), FS("input", LLM_ARG, &shape_args),
    FS("content", LLM_RESULT, &block), FS("source", LLM_TEXT, &source),
    F("thinking", LLM_SIGNED), F("signature", AS_SIGNATURE), F("data", LLM_SKIP),
    F("encrypted_content", LLM_SKIP), F("encrypted_index", LLM_SKIP),
    F("encrypted_stdout", LLM_SKIP), F("file_id", AS_REMOTE),
    FS("cache_control", LLM_NAME, &names));
MESSAGE(anthropic_message, ROLE_LACKS, FORM("role", AS_ROLE, NULL, role_form),
    FORM("content", LLM_TEXT, &block, content_form));
SHAPE(anthropic_tool, F("type", LLM_NAME), F("name", LLM_NAME),
    FS("input_schema", LLM_NAME, &schema), FS("cache_control", LLM_NAME, &names),
    F("allowed_callers", LLM_NAME));
SHAPE(output_config, F("effort", LLM_NAME), FS("format", LLM_NAME, &format));
/* Whom a request is for: not read as a number that a member called `user_id` would hold. */
MAKE(who, LLM_ARG, &shape_args, false, NULL, F("user_id", LLM_TEXT));
NEEDS(messages_request, MESSAGES_LACK, F("model", AS_MODEL), F("stream", AS_STREAM),
    F("max_tokens", AS_MAX_OUTPUT),
    TOP("messages", LLM_TEXT, MESSAGES, &anthropic_message, messages_form),
    TOP("system", LLM_TEXT, SYSTEM, &block, system_form),
    TOP("tools", LLM_TEXT, TOOLS, &anthropic_tool, tools_form),
    FS("tool_choice", LLM_NAME, &names), FS("thinking", LLM_NAME, &names),
    F("service_tier", LLM_NAME), F("speed", LLM_NAME), FS("output_config", LLM_TEXT, &output_config),
    FS("output_format", LLM_TEXT, &format), FS("context_management", LLM_NAME, &names),
    FS("cache_control", LLM_NAME, &names), FS("metadata", LLM_ARG, &who));
SHAPE(messages_answer, F("id", LLM_SKIP), F("type", LLM_NAME), F("role", LLM_NAME),
    F("model", LLM_SKIP), F("usage", AS_USAGE), F("stop_reason", LLM_NAME),
    F("request_id", LLM_SKIP), FS("content", LLM_TEXT, &block));
SHAPE(event_block, F("type", LLM_NAME), F("id", LLM_NAME), F("tool_use_id", LLM_NAME),
    F("name", LLM_NAME), LANE("text", LLM_TEXT, LLM_LANE_TEXT),
    FS("input", LLM_ARG, &shape_args), FS("content", LLM_RESULT, &block),
    F("thinking", LLM_SKIP), F("signature", LLM_SKIP), F("data", LLM_SKIP),
    F("encrypted_content", LLM_SKIP));
SHAPE(event_delta, F("type", LLM_NAME), LANE("text", LLM_TEXT, LLM_LANE_TEXT),
    LANE("partial_json", LLM_JSON, LLM_LANE_ARGS), F("thinking", LLM_SKIP),
    F("signature", LLM_SKIP), F("stop_reason", LLM_NAME), FS("citation", LLM_TEXT, &citation));
SHAPE(messages_event, F("type", AS_TYPE), F("index", AS_AT0), F("usage", LLM_SKIP),
    FS("message", LLM_TEXT, &messages_answer), FS("content_block", LLM_TEXT, &event_block),
    FS("delta", LLM_TEXT, &event_delta), F("request_id", LLM_SKIP));

/* ---- Ollama ---- */

MESSAGE(ollama_message, ROLE_LACKS, FORM("role", AS_ROLE, NULL, role_form),
    FORM("content", LLM_TEXT, NULL, content_string), F("images", LLM_DATA), F("tool_name", LLM_NAME),
    F("tool_call_id", LLM_NAME), FS("tool_calls", LLM_TEXT, &call));
#define OLLAMA_TOP                                                                                  \
    F("model", AS_MODEL), F("stream", AS_STREAM), FS("format", LLM_NAME, &schema),                  \
    F("keep_alive", LLM_NAME), F("think", LLM_NAME)
SHAPE(ollama_chat_request, OLLAMA_TOP, TOP("messages", LLM_TEXT, MESSAGES, &ollama_message, history_form),
    TOP("tools", LLM_TEXT, TOOLS, &openai_tool, tools_form));
SHAPE(ollama_generate_request, OLLAMA_TOP, TOP("system", LLM_TEXT, SYSTEM, NULL, system_string),
    TOP("prompt", LLM_TEXT, MESSAGES, NULL, prompt_string), F("images", LLM_DATA), F("context", AS_IDS));
SHAPE(ollama_embed_request, F("model", AS_MODEL), F("keep_alive", LLM_NAME),
    TOP("input", AS_TOKENS, MESSAGES, NULL, embed_form),
    TOP("prompt", AS_TOKENS, MESSAGES, NULL, prompt_string));
SHAPE(ollama_show_request, F("model", AS_MODEL), F("name", AS_MODEL));
#define OLLAMA_ANSWER                                                                               \
    F("context", LLM_SKIP), F("embeddings", LLM_SKIP), F("embedding", LLM_SKIP),                    \
    F("done_reason", LLM_NAME)
SHAPE(ollama_answer, F("model", LLM_SKIP), F("created_at", LLM_SKIP), OLLAMA_ANSWER,
    FS("message", LLM_TEXT, &ollama_message));
SHAPE(ollama_delta, F("role", LLM_NAME), LANE("content", LLM_TEXT, LLM_LANE_TEXT),
    LANE("thinking", LLM_TEXT, LLM_LANE_REASONING), FS("tool_calls", LLM_TEXT, &call));
SHAPE(ollama_event, F("model", AS_EVENT_MODEL), F("created_at", AS_CREATED), F("done", AS_DONE),
    OLLAMA_ANSWER, FS("message", LLM_TEXT, &ollama_delta),
    LANE("response", LLM_TEXT, LLM_LANE_TEXT), LANE("thinking", LLM_TEXT, LLM_LANE_REASONING));

static const struct {
    const struct shape *request, *answer, *event;
} table[LLM_SURFACES] = {
    [LLM_NONE] = {NULL, &shape_any, NULL},
    [LLM_CHAT] = {&chat_request, &chat_answer, &chat_event},
    [LLM_COMPLETIONS] = {&completions_request, &chat_answer, &chat_event},
    [LLM_RESPONSES] = {&responses_request, &responses_answer, &responses_event},
    [LLM_EMBEDDINGS] = {&embeddings_request, &chat_answer, NULL},
    [LLM_MODELS] = {NULL, &shape_any, NULL},
    [LLM_MODEL] = {NULL, &shape_any, NULL},
    [LLM_MESSAGES] = {&messages_request, &messages_answer, &messages_event},
    [LLM_COUNT_TOKENS] = {&messages_request, &messages_answer, NULL},
    [LLM_OLLAMA_CHAT] = {&ollama_chat_request, &ollama_answer, &ollama_event},
    [LLM_OLLAMA_GENERATE] = {&ollama_generate_request, &ollama_answer, &ollama_event},
    [LLM_OLLAMA_EMBED] = {&ollama_embed_request, &ollama_answer, NULL},
    [LLM_OLLAMA_TAGS] = {NULL, &shape_any, NULL},
    [LLM_OLLAMA_SHOW] = {&ollama_show_request, &shape_any, NULL},
    [LLM_OLLAMA_VERSION] = {NULL, &shape_any, NULL},
};
// clang-format on

const struct shape *shape_request(enum llm_surface s)
{
    return (size_t)s < LLM_SURFACES ? table[s].request : NULL;
}

const struct shape *shape_answer(enum llm_surface s)
{
    return (size_t)s < LLM_SURFACES ? table[s].answer : NULL;
}

const struct shape *shape_event(enum llm_surface s)
{
    return (size_t)s < LLM_SURFACES ? table[s].event : NULL;
}
