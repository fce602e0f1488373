#include "app/node_identity.hpp"

#include <sys/file.h>

#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace vis::app {
namespace {

constexpr std::size_t kNodeIdBytes = 15;

std::unexpected<Error> unusable(const std::filesystem::path& path, std::string_view why) {
  return fail(Errc::Unavailable, "data directory " + path.string() + ": " + std::string(why));
}

/// The first line, and nothing of a file that is new.
std::string first_line(std::FILE* file) {
  std::array<char, 64> line{};
  if (std::fgets(line.data(), line.size(), file) == nullptr) return {};
  const std::string_view text(line.data());
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

NodeIdentity::NodeIdentity(File file, core::rooms::NodeId id)
    : file_(std::move(file)), id_(std::move(id)) {}

Result<NodeIdentity> NodeIdentity::claim(const std::filesystem::path& data_dir,
                                         RandomSource& random) {
  std::error_code failure;
  std::filesystem::create_directories(data_dir, failure);
  if (failure) return unusable(data_dir, failure.message());
  File file(std::fopen((data_dir / "node").c_str(), "a+e"));
  if (!file) return unusable(data_dir, "the file `node` cannot be opened");
  if (::flock(::fileno(file.get()), LOCK_EX | LOCK_NB) != 0) {
    return unusable(data_dir, "another server is running on it");
  }
  std::string name = first_line(file.get());
  if (name.empty()) {
    name = random_id(random, "ND_");
    const bool written = std::fputs((name + '\n').c_str(), file.get()) >= 0;
    if (!written || std::fflush(file.get()) != 0) {
      return unusable(data_dir, "the file `node` cannot be written");
    }
  }
  if (!name.starts_with("ND_") || name.size() != kNodeIdBytes) {
    return unusable(data_dir, "the file `node` does not hold a node name");
  }
  return NodeIdentity(std::move(file), core::rooms::NodeId{std::move(name)});
}

}  // namespace vis::app
