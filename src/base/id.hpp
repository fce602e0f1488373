#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace vis {

/// An identifier that cannot be mistaken for one of another kind. `Tag` is a struct never defined.
/// Holds up to 15 characters without allocating, which fits a prefix and twelve random characters.
template <typename Tag>
class Id final {
 public:
  Id() = default;
  explicit Id(std::string text) : text_(std::move(text)) {}
  explicit Id(std::string_view text) : text_(text) {}
  explicit Id(const char* text) : text_(text) {}

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Id&, const Id&) = default;
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  std::string text_;
};

}  // namespace vis

template <typename Tag>
struct std::hash<vis::Id<Tag>> {
  std::size_t operator()(const vis::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
