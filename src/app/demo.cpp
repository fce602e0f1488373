#include "app/demo.hpp"

#include <string>
#include <utility>

namespace vis::app {

namespace projects = core::projects;

Task<Result<void>> ensure_demo(projects::ProjectService* projects, WallTime now) {
  projects::NewProject project{.name = "Demo", .id = core::ProjectId{kDemoProject}};
  const auto created = co_await projects->create(std::move(project), now);
  if (!created && created.error().code != Errc::AlreadyExists) {
    co_return std::unexpected(created.error());
  }
  projects::NewApiKey key{.project = core::ProjectId{kDemoProject},
                          .name = "Demo key",
                          .id = projects::ApiKeyId{kDemoKey},
                          .secret = Secret{std::string(kDemoSecret)}};
  const auto added = co_await projects->add_key(std::move(key), now);
  if (!added && added.error().code != Errc::AlreadyExists) {
    co_return std::unexpected(added.error());
  }
  co_return Result<void>{};
}

}  // namespace vis::app
