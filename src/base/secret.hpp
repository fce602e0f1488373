#pragma once

#include <ostream>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/encoding.hpp"

namespace vis {

/// Text that must not reach a log, a URL or a metric: a key, a token, a phone number. Reading it
/// is an explicit act, and whatever prints it prints `***`.
class Secret final {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret& a, const Secret& b) {
    return constant_time_equal(as_bytes(a.text_), as_bytes(b.text_));
  }
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  std::string text_;
};

}  // namespace vis
