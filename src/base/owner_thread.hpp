#pragma once

#include <thread>

#include "base/assert.hpp"

namespace vis {

/// The one thread that may touch an object. The object checks on entry, in every build:
/// `owner_.check();`. Bound to the first thread that checks, or by `adopt()` once the object has
/// been handed over.
class OwnerThread final {
 public:
  void check() {
    if (owner_ == std::thread::id{}) owner_ = std::this_thread::get_id();
    VIS_ASSERT(owner_ == std::this_thread::get_id());
  }
  void adopt() { owner_ = std::this_thread::get_id(); }

 private:
  std::thread::id owner_;
};

}  // namespace vis
