#include "core/rooms/outbox.hpp"

#include <cstddef>
#include <utility>

namespace vis::core::rooms {

void Outbox::tell(std::vector<SessionObserver*> to, Notice notice) {
  std::erase(to, nullptr);
  if (!to.empty()) queue_.emplace_back(Telling{std::move(to), std::move(notice)});
}

void Outbox::forget(const SessionObserver* observer) {
  for (Item& item : queue_) {
    auto* telling = std::get_if<Telling>(&item);
    if (telling == nullptr) continue;
    for (SessionObserver*& receiver : telling->to) {
      // Not erased: the front of the queue may be under way.
      if (receiver == observer) receiver = nullptr;
    }
  }
}

void Outbox::deliver() {
  if (delivering_) return;
  delivering_ = true;
  while (!queue_.empty()) {
    // References into a deque stay valid while others are added at its end.
    std::visit([this](auto& item) { deliver(item); }, queue_.front());
    queue_.pop_front();
  }
  delivering_ = false;
}

void Outbox::deliver(Telling& telling) {
  for (std::size_t i = 0; i < telling.to.size(); ++i) {
    if (SessionObserver* observer = telling.to[i]) telling.notice(*observer);
  }
}

}  // namespace vis::core::rooms
