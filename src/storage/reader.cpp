#include "storage/reader.hpp"

namespace vis::storage {

std::unique_ptr<Session> Reader::take() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Session> session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

void Reader::put_back(std::unique_ptr<Session> session) {
  if (session == nullptr) return;
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(session));
}

}  // namespace vis::storage
