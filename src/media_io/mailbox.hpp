#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "media_io/file_descriptor.hpp"

namespace vis::media_io {

/// Values from other threads for the one that owns the mailbox, in order per sender. The owner
/// polls `descriptor()` and takes everything at once; senders never wait for it. Bounded: a full
/// mailbox refuses, and the sender decides what that means.
template <typename T>
class Mailbox final {
 public:
  explicit Mailbox(std::size_t capacity)
      : capacity_(capacity), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    VIS_ASSERT(wake_.get() >= 0);
  }

  /// From any thread. False when the mailbox is full; the value is then gone.
  [[nodiscard]] bool post(T value) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      if (values_.size() >= capacity_) return false;
      was_empty = values_.empty();
      values_.push_back(std::move(value));
    }
    if (was_empty) wake();
    return true;
  }

  /// How many values wait. From any thread.
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return values_.size();
  }

  /// Becomes readable when there is something to take.
  int descriptor() const { return wake_.get(); }

  /// From the owner's thread: moves everything into `out`, which it clears first.
  void take(std::vector<T>& out) {
    out.clear();
    std::uint64_t ignored = 0;
    [[maybe_unused]] const ssize_t count = ::read(wake_.get(), &ignored, sizeof ignored);
    const std::lock_guard lock(mutex_);
    std::swap(out, values_);
  }

 private:
  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t count = ::write(wake_.get(), &one, sizeof one);
  }

  mutable std::mutex mutex_;
  std::vector<T> values_;
  std::size_t capacity_;
  FileDescriptor wake_;
};

}  // namespace vis::media_io
