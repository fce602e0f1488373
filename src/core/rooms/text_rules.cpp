#include "core/rooms/text_rules.hpp"

#include <cstddef>
#include <string>

#include "base/encoding.hpp"
#include "base/limits/text.hpp"

namespace vis::core::rooms {
namespace {

struct TextRule {
  std::string_view what;
  std::size_t max_bytes = 0;
  Errc too_long = Errc::InvalidArgument;
};

Result<void> check(std::string_view text, const TextRule& rule) {
  const std::string what(rule.what);
  if (text.size() > rule.max_bytes) {
    return fail(rule.too_long,
                what + " is longer than " + std::to_string(rule.max_bytes) + " bytes");
  }
  if (!is_valid_text(text)) return fail(Errc::InvalidArgument, what + " is not valid UTF-8 text");
  return {};
}

/// Attributes and tags alike: keys and values count together.
Result<void> check_map(const Attributes& attributes, Errc too_long) {
  std::size_t total = 0;
  for (const auto& [key, value] : attributes) {
    total += key.size() + value.size();
    if (!is_valid_text(key) || !is_valid_text(value)) {
      return fail(Errc::InvalidArgument, "attributes are not valid UTF-8 text");
    }
  }
  if (total > limits::kAttributesBytes) {
    return fail(too_long, "attributes are longer than " + std::to_string(limits::kAttributesBytes) +
                              " bytes in total");
  }
  return {};
}

}  // namespace

Result<void> check_room_name(std::string_view name) {
  if (name.empty()) return fail(Errc::InvalidArgument, "room name is missing");
  return check(name, {.what = "room name", .max_bytes = limits::kRoomNameBytes});
}

Result<void> check_identity(std::string_view identity) {
  if (identity.empty()) return fail(Errc::InvalidArgument, "identity is missing");
  return check(identity, {.what = "identity", .max_bytes = limits::kIdentityBytes});
}

Result<void> check_metadata(std::string_view metadata, Errc too_long) {
  return check(metadata,
               {.what = "metadata", .max_bytes = limits::kMetadataBytes, .too_long = too_long});
}

Result<void> check_room_options(const RoomOptions& options) {
  if (auto valid = check_metadata(options.metadata, Errc::InvalidArgument); !valid) return valid;
  return check_map(options.tags, Errc::InvalidArgument);
}

Result<void> check_description(const Description& description, Errc too_long) {
  const TextRule name_rule{.what = "name", .max_bytes = limits::kNameBytes, .too_long = too_long};
  if (auto valid = check(description.name, name_rule); !valid) return valid;
  if (auto valid = check_metadata(description.metadata, too_long); !valid) return valid;
  return check_map(description.attributes, too_long);
}

}  // namespace vis::core::rooms
