#pragma once

#include "base/id.hpp"

namespace vis::core {

/// A customer of this server: a slug such as `demo`. Everything belongs to exactly one.
using ProjectId = Id<struct ProjectTag>;

}  // namespace vis::core
