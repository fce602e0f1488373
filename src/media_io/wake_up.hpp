#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/assert.hpp"
#include "media_io/file_descriptor.hpp"

namespace vis::media_io {

/// Ends the sleep of the thread that polls `descriptor()`. Any thread may call.
class WakeUp final {
 public:
  WakeUp() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    VIS_ASSERT(descriptor_.get() >= 0);
  }

  void call() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t count = ::write(descriptor_.get(), &one, sizeof one);
  }
  /// By the thread that was woken, before it looks for what there is to do.
  void clear() {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const ssize_t count = ::read(descriptor_.get(), &ignored, sizeof ignored);
  }
  int descriptor() const { return descriptor_.get(); }

 private:
  FileDescriptor descriptor_;
};

}  // namespace vis::media_io
