#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "core/rooms/records.hpp"

namespace vis::app {

/// This server's name among those that share a database: `ND_` and 12 characters, kept in a file of
/// the data directory, so that after a crash it knows which open rooms were its own.
///
/// The file is locked as long as this object lives: a second server on the same directory would
/// take the rooms of the first for ones that a crash left open, and close them. There are two such
/// files, `node` and `node-2`, for the one moment at which there are two servers: while one takes
/// over from the other.
class NodeIdentity final {
 public:
  enum class Beside : std::uint8_t {
    Nobody,       ///< No other server may run on the directory.
    Predecessor,  ///< One may: we take over from it.
  };
  /// Makes directory and file when they are not there. Unavailable when it cannot, or when another
  /// process has claimed it.
  static Result<NodeIdentity> claim(const std::filesystem::path& data_dir, RandomSource& random,
                                    Beside beside = Beside::Nobody);
  /// The names that servers on this directory have had and that nobody has now, but for our own.
  /// They are nobody else's as long as they live.
  static std::vector<NodeIdentity> claim_abandoned(const std::filesystem::path& data_dir);

  const core::rooms::NodeId& id() const { return id_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  NodeIdentity(File file, core::rooms::NodeId id);
  /// Null when another process has it locked.
  static Result<File> lock(const std::filesystem::path& path, const char* mode);
  static Result<NodeIdentity> name(File file, RandomSource& random);

  File file_;
  core::rooms::NodeId id_;
};

}  // namespace vis::app
