#include "app/node_identity.hpp"

#include <fstream>
#include <string>
#include <system_error>

namespace vis::app {
namespace {

constexpr std::size_t kNodeIdBytes = 15;

std::unexpected<Error> unusable(const std::filesystem::path& path, std::string_view why) {
  return fail(Errc::Unavailable, "data directory " + path.string() + ": " + std::string(why));
}

}  // namespace

Result<core::rooms::NodeId> node_identity(const std::filesystem::path& data_dir,
                                          RandomSource& random) {
  std::error_code failure;
  std::filesystem::create_directories(data_dir, failure);
  if (failure) return unusable(data_dir, failure.message());
  const std::filesystem::path file = data_dir / "node";
  std::string name;
  if (std::ifstream stream(file); stream >> name) {
    if (name.starts_with("ND_") && name.size() == kNodeIdBytes) return core::rooms::NodeId{name};
    return unusable(data_dir, "the file `node` does not hold a node name");
  }
  name = random_id(random, "ND_");
  std::ofstream stream(file);
  stream << name << '\n';
  stream.flush();
  if (!stream) return unusable(data_dir, "the file `node` cannot be written");
  return core::rooms::NodeId{name};
}

}  // namespace vis::app
