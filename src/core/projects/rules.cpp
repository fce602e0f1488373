#include "core/projects/rules.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/limits/core_projects.hpp"
#include "base/limits/text.hpp"

namespace vis::core::projects {
namespace {

constexpr std::string_view kSlugAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
constexpr std::size_t kSlugSuffix = 6;
constexpr std::size_t kSecretBits = 256;

bool is_lower(char character) { return character >= 'a' && character <= 'z'; }
bool is_upper(char character) { return character >= 'A' && character <= 'Z'; }
bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// The letters and digits of `name` in lower case, everything between them as one hyphen.
std::string slug_of(std::string_view name) {
  std::string slug;
  for (const char character : name) {
    const char lower = is_upper(character) ? static_cast<char>(character - 'A' + 'a') : character;
    if (is_lower(lower) || (is_digit(lower) && !slug.empty())) {
      slug += lower;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  slug.resize(std::min(slug.size(), limits::kProjectIdBytes - kSlugSuffix - 1));
  while (slug.ends_with('-')) slug.pop_back();
  return slug.empty() ? "project" : slug;
}

}  // namespace

Result<void> check_project_id(const ProjectId& id) {
  const std::string& text = id.str();
  const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
  const bool shaped = !text.empty() && text.size() <= limits::kProjectIdBytes &&
                      is_lower(text.front()) && text.back() != '-' &&
                      text.find("--") == std::string::npos && std::ranges::all_of(text, allowed);
  if (shaped) return {};
  return fail(Errc::InvalidArgument,
              "a project id is a lower-case letter, then letters, digits and single hyphens, at "
              "most " +
                  std::to_string(limits::kProjectIdBytes) + " in all");
}

Result<void> check_key_id(const ApiKeyId& id) {
  const std::string& text = id.str();
  const auto allowed = [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-';
  };
  const bool shaped =
      !text.empty() && text.size() <= limits::kApiKeyIdBytes && std::ranges::all_of(text, allowed);
  if (shaped) return {};
  return fail(Errc::InvalidArgument, "an API key id is 1 to " +
                                         std::to_string(limits::kApiKeyIdBytes) +
                                         " letters, digits, '_' and '-'");
}

Result<void> check_secret(const Secret& secret) {
  const std::string& text = secret.reveal();
  const auto allowed = [](char c) { return c > ' ' && c <= '~'; };
  const bool shaped =
      !text.empty() && text.size() <= limits::kApiSecretBytes && std::ranges::all_of(text, allowed);
  if (shaped) return {};
  return fail(Errc::InvalidArgument, "an API secret is 1 to " +
                                         std::to_string(limits::kApiSecretBytes) +
                                         " printable ASCII characters without spaces");
}

Result<void> check_name(std::string_view what, std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::InvalidArgument, std::string(what) + " " + std::string(why));
  };
  const auto control = [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; };
  if (name.size() > limits::kNameBytes) {
    return refuse("is longer than " + std::to_string(limits::kNameBytes) + " bytes");
  }
  if (!is_valid_text(name)) return refuse("is not valid UTF-8 text");
  if (std::ranges::any_of(name, control)) return refuse("has control characters");
  if (std::ranges::all_of(name, [](char c) { return c == ' '; })) return refuse("is empty");
  return {};
}

ProjectId make_project_id(RandomSource& random, std::string_view name) {
  std::string id = slug_of(name) + '-';
  for (std::size_t i = 0; i < kSlugSuffix; ++i) {
    id += kSlugAlphabet[static_cast<std::size_t>(random.below(kSlugAlphabet.size()))];
  }
  return ProjectId(std::move(id));
}

ApiKeyId make_key_id(RandomSource& random) { return ApiKeyId(random_id(random, "API")); }

Secret make_secret(RandomSource& random) {
  std::array<std::uint8_t, kSecretBits / 8> bytes{};
  random.fill(bytes);
  return Secret("vis_live_" + base64url_encode(bytes));
}

}  // namespace vis::core::projects
