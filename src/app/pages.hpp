#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.hpp"
#include "http/router.hpp"
#include "http/static_files.hpp"

namespace vis::app {

/// Where the built web pages are: `configured` if given, else beside the program as it was built or
/// installed. NotFound when there is no `index.html`.
Result<std::filesystem::path> find_pages(const std::filesystem::path& configured);

/// Serves the pages for people: the start page and the meetings.
void mount_pages(http::StaticFiles& files, http::Router& router);

/// Answers `OK` at `path` (empty for the root), where there is no page. Client SDKs ask the very
/// address that they were given whether the server can be reached.
void mount_sign_of_life(std::string_view path, http::Router& router);

}  // namespace vis::app
