#pragma once

#include <cstddef>

#include "base/result.hpp"
#include "core/store.hpp"

namespace vis::storage {

/// Looks at every text of a commit and returns how many bytes they are in all. InvalidArgument when
/// one is not UTF-8 or holds NUL: PostgreSQL would refuse or cut it, SQLite would not.
Result<std::size_t> check_text(const core::Commit& commit);

}  // namespace vis::storage
