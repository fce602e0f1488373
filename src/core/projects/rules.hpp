#pragma once

#include <string>
#include <string_view>

#include "base/limits/core_projects.hpp"
#include "base/limits/text.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "core/projects/project.hpp"

/// What projects and keys may be called. Failures are InvalidArgument with a sentence for people.
namespace vis::core::projects {

/// A slug: lower-case ASCII letters, digits and single hyphens between them, first a letter; up to
/// limits::kProjectIdBytes. It appears in URLs and as a user name.
Result<void> check_project_id(const ProjectId& id);

/// ASCII letters, digits, `_` and `-`, up to limits::kApiKeyIdBytes.
Result<void> check_key_id(const ApiKeyId& id);

/// Printable ASCII without spaces, up to limits::kApiSecretBytes, since it travels in headers.
Result<void> check_secret(const Secret& secret);

/// UTF-8 up to limits::kNameBytes, not blank, no control characters. `what` is named in the error.
Result<void> check_name(std::string_view what, std::string_view name);

/// A slug made of `name` with six random characters, such as `acme-calls-k3v9xq`.
ProjectId make_project_id(RandomSource& random, std::string_view name);

ApiKeyId make_key_id(RandomSource& random);

/// 256 random bits. The prefix lets secret scanners recognise a leaked one.
Secret make_secret(RandomSource& random);

}  // namespace vis::core::projects
