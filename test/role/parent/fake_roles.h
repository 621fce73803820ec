/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles that do next to nothing, on the real rolekit and behind the real ladder: for the tests of
 * parent. The gate understands one letter a connection:
 *   p  "PID GENERATION INDEX"           k  asks vault for a masking key, then its first byte
 *   r  puts a durable record, then "stored"    g  sends garbage to vault
 *   G  sends garbage to parent          w  "done" after 300 ms, also while it drains
 *   h  asks resolve for localhost, then the number of addresses
 */
#ifndef SANCTUM_TEST_FAKE_ROLES_H
#define SANCTUM_TEST_FAKE_ROLES_H

/* Become the role called `name` ("sanctum-gate" …); does not return when it is one. */
void fake_role(int argc, char **argv, const char *name);

#endif
