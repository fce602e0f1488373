#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/owner_thread.hpp"
#include "base/time.hpp"

namespace vis::media::sctp {

class Association;

/// The SCTP library, usrsctp, without its threads. It keeps its state in globals, so there is
/// exactly one Stack in a program (asserted), made by `app`, and all associations live on its
/// thread. Associations must be gone before it. Its timers run when `on_deadline` is called; it
/// reads a wall clock of its own only to measure round trips and to date its cookies, and takes
/// tags and sequence numbers from the kernel's random numbers.
class Stack final {
 public:
  explicit Stack(TimePoint now);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  void on_deadline(TimePoint now);
  /// While associations exist: every kTick.
  std::optional<TimePoint> next_deadline() const;

  static constexpr Duration kTick = 10ms;

 private:
  friend class Association;
  /// What usrsctp knows an association by. Never used twice, so that a late callback for one that
  /// is gone finds nothing.
  using Handle = std::uintptr_t;

  Handle attach(Association& association);
  void detach(Handle handle);
  static Association* find(Handle handle);

  OwnerThread owner_;
  TimePoint timers_at_;
  Handle last_handle_ = 0;
  std::unordered_map<Handle, Association*> associations_;
};

}  // namespace vis::media::sctp
