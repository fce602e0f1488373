#pragma once

#include <string>

#include "base/time.hpp"

namespace vis::api::v1 {

/// RFC 3339, in UTC, to the second: `2026-09-21T14:23:20Z`.
std::string timestamp(WallTime time);

}  // namespace vis::api::v1
