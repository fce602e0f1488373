#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "core/projects/project_service.hpp"

namespace vis::app {

/// What `--dev` offers to try things with, under names that everybody knows: never outside `--dev`.
inline constexpr std::string_view kDemoProject = "demo";
inline constexpr std::string_view kDemoKey = "devkey";
inline constexpr std::string_view kDemoSecret = "secret";

/// Makes the demo project and its key unless they are there.
Task<Result<void>> ensure_demo(core::projects::ProjectService* projects, WallTime now);

}  // namespace vis::app
