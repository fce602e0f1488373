#include "base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

namespace vis {
namespace {

prometheus::Labels labels_of(const MetricSpec& spec) {
  if (spec.label.empty()) return {};
  return {{spec.label, spec.label_value}};
}

}  // namespace

void Counter::add(double amount) { series_->Increment(amount); }
void Gauge::set(double value) { series_->Set(value); }
void Gauge::add(double amount) { series_->Increment(amount); }
void Histogram::observe(double value) { series_->Observe(value); }
void DurationHistogram::observe_s(double seconds) { series_->Observe(seconds); }

Metrics::Metrics()
    : registry_(
          std::make_unique<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge)) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const MetricSpec& spec) {
  auto& family = prometheus::BuildCounter().Name(spec.name).Help(spec.help).Register(*registry_);
  return Counter{family.Add(labels_of(spec))};
}

Gauge Metrics::gauge(const MetricSpec& spec) {
  auto& family = prometheus::BuildGauge().Name(spec.name).Help(spec.help).Register(*registry_);
  return Gauge{family.Add(labels_of(spec))};
}

DurationHistogram Metrics::duration(const MetricSpec& spec) {
  const prometheus::Histogram::BucketBoundaries buckets{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  auto& family = prometheus::BuildHistogram().Name(spec.name).Help(spec.help).Register(*registry_);
  return DurationHistogram{family.Add(labels_of(spec), buckets)};
}

Histogram Metrics::histogram(const MetricSpec& spec, const std::vector<double>& bounds) {
  auto& family = prometheus::BuildHistogram().Name(spec.name).Help(spec.help).Register(*registry_);
  return Histogram{family.Add(labels_of(spec), bounds)};
}

std::string Metrics::expose() const {
  return prometheus::TextSerializer{}.Serialize(registry_->Collect());
}

}  // namespace vis
