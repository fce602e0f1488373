#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/random.hpp"
#include "base/result.hpp"
#include "core/rooms/records.hpp"

namespace vis::app {

/// This server's name among those that share a database: `ND_` and 12 characters, kept in the file
/// `node` of the data directory, so that after a crash it knows which open rooms were its own.
///
/// The file is locked as long as this object lives: a second server on the same directory would
/// take the rooms of the first for ones that a crash left open, and close them.
class NodeIdentity final {
 public:
  /// Makes directory and file when they are not there. Unavailable when it cannot, or when another
  /// process has claimed it.
  static Result<NodeIdentity> claim(const std::filesystem::path& data_dir, RandomSource& random);

  const core::rooms::NodeId& id() const { return id_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  NodeIdentity(File file, core::rooms::NodeId id);

  File file_;
  core::rooms::NodeId id_;
};

}  // namespace vis::app
