#pragma once

#include <filesystem>

#include "base/random.hpp"
#include "base/result.hpp"
#include "core/rooms/records.hpp"

namespace vis::app {

/// This server's name among those that share a database: `ND_` and 12 characters, kept in the file
/// `node` of the data directory, so that after a crash it knows which open rooms were its own.
/// Makes directory and file when they are not there. Unavailable when it cannot.
Result<core::rooms::NodeId> node_identity(const std::filesystem::path& data_dir,
                                          RandomSource& random);

}  // namespace vis::app
