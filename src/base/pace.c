/* SPDX-License-Identifier: Apache-2.0 */
#include "pace.h"

struct pace *pace_at_work;
