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
constexpr std::array<const char*, 2> kFiles{"node", "node-2"};

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

bool is_node_id(std::string_view name) {
  return name.starts_with("ND_") && name.size() == kNodeIdBytes;
}

}  // namespace

NodeIdentity::NodeIdentity(File file, core::rooms::NodeId id)
    : file_(std::move(file)), id_(std::move(id)) {}

Result<NodeIdentity::File> NodeIdentity::lock(const std::filesystem::path& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode));
  if (!file) {
    return unusable(path.parent_path(),
                    "the file `" + path.filename().string() + "` cannot be opened");
  }
  if (::flock(::fileno(file.get()), LOCK_EX | LOCK_NB) != 0) return File{};
  return file;
}

Result<NodeIdentity> NodeIdentity::name(File file, RandomSource& random) {
  std::string name = first_line(file.get());
  if (name.empty()) {
    name = random_id(random, "ND_");
    const bool written = std::fputs((name + '\n').c_str(), file.get()) >= 0;
    if (!written || std::fflush(file.get()) != 0) {
      return fail(Errc::Unavailable, "the file of the node's name cannot be written");
    }
  }
  if (!is_node_id(name)) {
    return fail(Errc::Unavailable, "the file of the node's name does not hold one");
  }
  return NodeIdentity(std::move(file), core::rooms::NodeId{std::move(name)});
}

Result<NodeIdentity> NodeIdentity::claim(const std::filesystem::path& data_dir,
                                         RandomSource& random, Beside beside) {
  std::error_code failure;
  std::filesystem::create_directories(data_dir, failure);
  if (failure) return unusable(data_dir, failure.message());
  const std::size_t files = beside == Beside::Predecessor ? kFiles.size() : 1;
  for (std::size_t i = 0; i < files; ++i) {
    auto file = lock(data_dir / kFiles[i], "a+e");
    if (!file) return std::unexpected(std::move(file.error()));
    if (*file == nullptr) continue;
    auto named = name(*std::move(file), random);
    if (!named) return unusable(data_dir, named.error().message);
    return named;
  }
  return unusable(data_dir, "another server is running on it");
}

std::vector<NodeIdentity> NodeIdentity::claim_abandoned(const std::filesystem::path& data_dir) {
  std::vector<NodeIdentity> abandoned;
  for (const char* const name : kFiles) {
    auto file = lock(data_dir / name, "re");
    if (!file || *file == nullptr) continue;
    std::string id = first_line(file->get());
    if (!is_node_id(id)) continue;
    abandoned.push_back(NodeIdentity(*std::move(file), core::rooms::NodeId{std::move(id)}));
  }
  return abandoned;
}

}  // namespace vis::app
