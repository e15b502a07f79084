// The operators of ONNX (opset 13) as its documentation defines them, by the plainest loops.
#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "tests/reference/onnx.h"

namespace rc::reference {
namespace {

using Arrays = std::vector<OnnxArray>;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

int64_t integer(const OnnxNode& n, const std::string& name) {
  return std::get<int64_t>(n.attributes.at(name));
}
const std::vector<int64_t>& integers(const OnnxNode& n, const std::string& name) {
  return std::get<std::vector<int64_t>>(n.attributes.at(name));
}

// Square windows over pixels: stride and padding are the same on all sides, as our exporter writes them.
struct Windows {
  int64_t height, width, out_height, out_width, rows, columns, stride, pad;

  Windows(const OnnxNode& n, const OnnxArray& x) {
    require(x.shape.size() == 4, n.op + " takes [N, C, H, W]");
    const auto &kernel = integers(n, "kernel_shape"), &strides = integers(n, "strides"),
               &pads = integers(n, "pads");
    require(kernel.size() == 2 && strides == std::vector(2, strides[0]) && pads == std::vector(4, pads[0]),
            n.op + " has square windows");
    height = x.shape[2], width = x.shape[3], rows = kernel[0], columns = kernel[1];
    stride = strides[0], pad = pads[0];
    out_height = (height + 2 * pad - rows) / stride + 1, out_width = (width + 2 * pad - columns) / stride + 1;
  }
  // f(row and column of the window, place in the image) for what lies inside the image.
  template <class F>
  void at(int64_t p, int64_t q, const F& f) const {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t s = 0; s < columns; ++s) {
        const int64_t y = p * stride - pad + r, x = q * stride - pad + s;
        if (y >= 0 && y < height && x >= 0 && x < width) f(r * columns + s, y * width + x);
      }
  }
};

OnnxArray zeros(std::vector<int64_t> shape) {
  OnnxArray a{std::move(shape), {}};
  a.values.resize(size_t(a.size()));
  return a;
}

OnnxArray conv(const OnnxNode& n, const Arrays& in) {
  const OnnxArray &x = in[0], &w = in[1];
  const Windows windows(n, x);
  const int64_t groups = integer(n, "group"), channels = x.shape[1] / groups, filters = w.shape[0];
  require(w.shape == std::vector{filters, channels, windows.rows, windows.columns} && filters % groups == 0,
          "Conv: filters do not fit");
  const int64_t pixels = windows.height * windows.width, taps = windows.rows * windows.columns;
  OnnxArray y = zeros({x.shape[0], filters, windows.out_height, windows.out_width});
  size_t to = 0;
  for (int64_t i = 0; i < x.shape[0]; ++i)
    for (int64_t k = 0; k < filters; ++k)
      for (int64_t p = 0; p < windows.out_height; ++p)
        for (int64_t q = 0; q < windows.out_width; ++q) {
          double sum = in.size() > 2 ? in[2].values.at(size_t(k)) : 0;
          const int64_t first = i * x.shape[1] + k / (filters / groups) * channels;
          windows.at(p, q, [&](int64_t tap, int64_t pixel) {
            for (int64_t c = 0; c < channels; ++c)
              sum += x.values[size_t((first + c) * pixels + pixel)] *
                     w.values[size_t((k * channels + c) * taps + tap)];
          });
          y.values[to++] = sum;
        }
  return y;
}

OnnxArray max_pool(const OnnxNode& n, const Arrays& in) {
  const OnnxArray& x = in[0];
  const Windows windows(n, x);
  OnnxArray y = zeros({x.shape[0], x.shape[1], windows.out_height, windows.out_width});
  size_t to = 0;
  for (int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane)
    for (int64_t p = 0; p < windows.out_height; ++p)
      for (int64_t q = 0; q < windows.out_width; ++q) {
        double largest = -HUGE_VAL;
        windows.at(p, q, [&](int64_t, int64_t pixel) {
          largest = std::max(largest, x.values[size_t(plane * windows.height * windows.width + pixel)]);
        });
        y.values[to++] = largest;
      }
  return y;
}

OnnxArray batch_norm(const OnnxNode& n, const Arrays& in) {
  OnnxArray y = in[0];
  const int64_t channels = y.shape[1], pixels = y.size() / y.shape[0] / channels;
  const double epsilon = double(std::get<float>(n.attributes.at("epsilon")));
  for (size_t i = 0; i < y.values.size(); ++i) {
    const size_t c = i / size_t(pixels) % size_t(channels);
    y.values[i] =
        (y.values[i] - in[3].values.at(c)) / std::sqrt(in[4].values.at(c) + epsilon) * in[1].values.at(c) +
        in[2].values.at(c);
  }
  return y;
}

OnnxArray global_average_pool(const OnnxNode&, const Arrays& in) {
  const OnnxArray& x = in[0];
  OnnxArray y = zeros({x.shape[0], x.shape[1], 1, 1});
  const size_t pixels = x.values.size() / y.values.size();
  for (size_t i = 0; i < x.values.size(); ++i) y.values[i / pixels] += x.values[i] / double(pixels);
  return y;
}

OnnxArray flatten(const OnnxNode& n, const Arrays& in) {
  require(integer(n, "axis") == 1, "Flatten keeps the first axis");
  return {{in[0].shape[0], in[0].size() / in[0].shape[0]}, in[0].values};
}

OnnxArray gemm(const OnnxNode& n, const Arrays& in) {
  require(integer(n, "transA") == 0 && integer(n, "transB") == 1, "Gemm is a b^T");
  const OnnxArray &a = in[0], &b = in[1];
  const int64_t inner = a.shape[1];
  require(b.shape[1] == inner, "Gemm: inner dimensions differ");
  OnnxArray y = zeros({a.shape[0], b.shape[0]});
  for (int64_t i = 0; i < a.shape[0]; ++i)
    for (int64_t j = 0; j < b.shape[0]; ++j) {
      double sum = in.size() > 2 ? in[2].values.at(size_t(j)) : 0;
      for (int64_t d = 0; d < inner; ++d)
        sum += a.values[size_t(i * inner + d)] * b.values[size_t(j * inner + d)];
      y.values[size_t(i * b.shape[0] + j)] = sum;
    }
  return y;
}

OnnxArray softmax(const OnnxNode& n, const Arrays& in) {
  require(integer(n, "axis") == 1 && in[0].shape.size() == 2, "Softmax is along rows");
  OnnxArray y = in[0];
  const size_t row = size_t(y.shape[1]);
  for (size_t i = 0; i < y.values.size(); i += row) {
    double sum = 0;
    for (size_t j = i; j < i + row; ++j) sum += std::exp(in[0].values[j]);
    for (size_t j = i; j < i + row; ++j) y.values[j] = std::exp(in[0].values[j]) / sum;
  }
  return y;
}

// Rows to planes of one pixel.
OnnxArray unsqueeze(const OnnxNode&, const Arrays& in) {
  require(in[1].values == std::vector<double>{2, 3} && in[0].shape.size() == 2, "Unsqueeze adds pixels");
  return {{in[0].shape[0], in[0].shape[1], 1, 1}, in[0].values};
}

// One column of a matrix.
OnnxArray gather(const OnnxNode& n, const Arrays& in) {
  require(integer(n, "axis") == 1 && in[1].shape.empty(), "Gather takes a column");
  OnnxArray y = zeros({in[0].shape[0]});
  for (size_t i = 0; i < y.values.size(); ++i)
    y.values[i] = in[0].values.at(i * size_t(in[0].shape[1]) + size_t(in[1].values[0]));
  return y;
}

// Rows to a number each.
OnnxArray reduce(const OnnxNode& n, const OnnxArray& x, double first,
                 const std::function<double(double, double)>& join) {
  require(integers(n, "axes") == std::vector<int64_t>{1} && x.shape.size() == 2, n.op + " is along rows");
  OnnxArray y = zeros(integer(n, "keepdims") ? std::vector<int64_t>{x.shape[0], 1} : std::vector{x.shape[0]});
  for (size_t i = 0; i < y.values.size(); ++i) {
    y.values[i] = first;
    for (size_t j = 0; j < size_t(x.shape[1]); ++j)
      y.values[i] = join(y.values[i], x.values[i * size_t(x.shape[1]) + j]);
  }
  return y;
}

OnnxArray each(const Arrays& in, double (*f)(double)) {
  OnnxArray y = in[0];
  for (double& v : y.values) v = f(v);
  return y;
}

// Of two arrays of one rank, or with a scalar; an extent of 1 is repeated.
OnnxArray with(const Arrays& in, double (*f)(double, double)) {
  const OnnxArray &a = in[0], &b = in[1];
  const size_t rank = std::max(a.shape.size(), b.shape.size());
  const auto extent = [&](const OnnxArray& x, size_t d) { return x.shape.empty() ? int64_t(1) : x.shape[d]; };
  for (const OnnxArray* x : {&a, &b}) require(x->shape.empty() || x->shape.size() == rank, "ranks differ");
  std::vector<int64_t> shape;
  for (size_t d = 0; d < rank; ++d) {
    const int64_t x = extent(a, d), y = extent(b, d);
    require(x == y || x == 1 || y == 1, "shapes do not fit");
    shape.push_back(std::max(x, y));
  }
  OnnxArray out = zeros(shape);
  for (size_t i = 0; i < out.values.size(); ++i) {
    size_t at_a = 0, at_b = 0, place = i, step_a = 1, step_b = 1;
    for (size_t d = rank; d-- > 0; place /= size_t(shape[d])) {
      const size_t index = place % size_t(shape[d]);
      if (extent(a, d) > 1) at_a += index * step_a;
      if (extent(b, d) > 1) at_b += index * step_b;
      step_a *= size_t(extent(a, d)), step_b *= size_t(extent(b, d));
    }
    out.values[i] = f(a.values[at_a], b.values[at_b]);
  }
  return out;
}

OnnxArray run_node(const OnnxNode& n, const Arrays& in) {
  static const std::map<std::string, std::function<OnnxArray(const OnnxNode&, const Arrays&)>> kOperators = {
      {"Conv", conv},
      {"MaxPool", max_pool},
      {"BatchNormalization", batch_norm},
      {"GlobalAveragePool", global_average_pool},
      {"Flatten", flatten},
      {"Gemm", gemm},
      {"Softmax", softmax},
      {"Gather", gather},
      {"Unsqueeze", unsqueeze},
      {"Identity", [](const OnnxNode&, const Arrays& a) { return a[0]; }},
      {"Relu", [](auto&, auto& a) { return each(a, [](double x) { return x > 0 ? x : 0; }); }},
      {"Sigmoid", [](auto&, auto& a) { return each(a, [](double x) { return 1 / (1 + std::exp(-x)); }); }},
      {"Add", [](auto&, auto& a) { return with(a, [](double x, double y) { return x + y; }); }},
      {"Sub", [](auto&, auto& a) { return with(a, [](double x, double y) { return x - y; }); }},
      {"Mul", [](auto&, auto& a) { return with(a, [](double x, double y) { return x * y; }); }},
      {"Div", [](auto&, auto& a) { return with(a, [](double x, double y) { return x / y; }); }},
      {"Max", [](auto&, auto& a) { return with(a, [](double x, double y) { return std::max(x, y); }); }},
      {"ReduceMax",
       [](auto& node, auto& a) {
         return reduce(node, a[0], -HUGE_VAL, [](double x, double y) { return std::max(x, y); });
       }},
      {"ReduceL2", [](auto& node, auto& a) {
         return reduce(node, a[0], 0, [](double x, double y) { return std::hypot(x, y); });
       }}};
  const auto found = kOperators.find(n.op);
  require(found != kOperators.end(), "an unknown operator: " + n.op);
  return found->second(n, in);
}

}  // namespace

int64_t OnnxArray::size() const {
  int64_t n = 1;
  for (const int64_t extent : shape) n *= extent;
  return n;
}

std::map<std::string, OnnxArray> run_onnx(const OnnxModel& model, std::map<std::string, OnnxArray> values) {
  for (const OnnxConstant& c : model.constants)
    std::visit([&](const auto& v) { values[c.name] = {c.shape, {v.begin(), v.end()}}; }, c.values);
  for (const OnnxNode& n : model.nodes) {
    Arrays in;
    for (const std::string& name : n.in) {
      require(values.contains(name), "nobody made " + name);
      in.push_back(values.at(name));
    }
    require(n.out.size() == 1 && !values.contains(n.out[0]), n.name + " makes what is there already");
    values[n.out[0]] = run_node(n, in);
  }
  std::map<std::string, OnnxArray> outputs;
  for (const OnnxValue& v : model.outputs) outputs[v.name] = values.at(v.name);
  return outputs;
}

}  // namespace rc::reference
