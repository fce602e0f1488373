#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "base/limits/core_rooms.hpp"

namespace vis::core::rooms {

/// How many series all rooms of a server may keep together: their memory is bounded by it, whoever
/// joins. Control thread; outlives its leases.
class SeriesBudget final {
 public:
  explicit SeriesBudget(std::size_t series_max = limits::kStatisticsSeries)
      : series_max_(series_max) {}
  SeriesBudget(const SeriesBudget&) = delete;
  SeriesBudget& operator=(const SeriesBudget&) = delete;

  /// The right to keep one series, given back at its end.
  class Lease final {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(budget_, other.budget_);
      return *this;
    }
    ~Lease() {
      if (budget_ != nullptr) --budget_->used_;
    }
    explicit operator bool() const { return budget_ != nullptr; }

   private:
    friend class SeriesBudget;
    explicit Lease(SeriesBudget* budget) : budget_(budget) {}
    SeriesBudget* budget_ = nullptr;
  };
  /// An empty lease when all are taken.
  Lease take() {
    if (used_ >= series_max_) return {};
    ++used_;
    return Lease(this);
  }
  std::size_t used() const { return used_; }

 private:
  std::size_t series_max_;
  std::size_t used_ = 0;
};

/// The last limits::kStatisticsPoints points of something that is measured every few seconds.
/// Memory comes as points do. Without a lease nothing is kept.
template <typename Point>
class Series final {
 public:
  void add(SeriesBudget& budget, const Point& point) {
    if (!lease_) lease_ = budget.take();
    if (!lease_) return;
    if (points_.size() < limits::kStatisticsPoints) {
      points_.push_back(point);
    } else {
      points_[oldest_] = point;
      oldest_ = (oldest_ + 1) % points_.size();
    }
  }
  /// Oldest first.
  std::vector<Point> points() const {
    std::vector<Point> ordered = points_;
    std::ranges::rotate(ordered, ordered.begin() + static_cast<std::ptrdiff_t>(oldest_));
    return ordered;
  }

 private:
  SeriesBudget::Lease lease_;
  std::vector<Point> points_;
  std::size_t oldest_ = 0;  ///< Once the series is full.
};

/// Points are kept in 16 bits each: what is larger counts as the largest.
template <typename Number>
constexpr std::uint16_t saturated(Number value) {
  constexpr auto kMax = std::numeric_limits<std::uint16_t>::max();
  if (value <= Number{0}) return 0;
  return value >= static_cast<Number>(kMax) ? kMax : static_cast<std::uint16_t>(value);
}

}  // namespace vis::core::rooms
