#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace vis {

/// A number that only rises. A handle: copying it is cheap, the Metrics it came from owns the
/// series and outlives it. Safe from every thread.
class Counter final {
 public:
  explicit Counter(prometheus::Counter& series) : series_(&series) {}
  void add(double amount = 1);

 private:
  prometheus::Counter* series_;
};

/// A number that rises and falls. A handle like Counter.
class Gauge final {
 public:
  explicit Gauge(prometheus::Gauge& series) : series_(&series) {}
  void set(double value);
  void add(double amount);

 private:
  prometheus::Gauge* series_;
};

/// A distribution of durations in seconds, in buckets from 1 ms to 30 s. A handle like Counter.
class DurationHistogram final {
 public:
  explicit DurationHistogram(prometheus::Histogram& series) : series_(&series) {}
  void observe_s(double seconds);

 private:
  prometheus::Histogram* series_;
};

/// A distribution of anything, in the buckets that it was made with. A handle like Counter.
class Histogram final {
 public:
  explicit Histogram(prometheus::Histogram& series) : series_(&series) {}
  void observe(double value);

 private:
  prometheus::Histogram* series_;
};

/// What describes a series: `name` as Prometheus writes it (`visavis_rooms`), a help sentence, and
/// at most one label. Never a label whose values the network chooses: the number of series is
/// bounded by the source code.
struct MetricSpec {
  std::string name;
  std::string help;
  std::string label = {};
  std::string label_value = {};
};

/// The process's metrics. Built by `app`, passed to whoever counts. Asking twice for the same
/// name and label gives the same series. Safe from every thread, but meant for start-up.
class Metrics final {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter counter(const MetricSpec& spec);
  Gauge gauge(const MetricSpec& spec);
  DurationHistogram duration(const MetricSpec& spec);
  /// `bounds` are the upper bounds of the buckets, in ascending order.
  Histogram histogram(const MetricSpec& spec, const std::vector<double>& bounds);

  /// All series in Prometheus' text exposition format 0.0.4.
  std::string expose() const;

 private:
  std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace vis
