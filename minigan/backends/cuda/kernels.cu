// The kernels of the GPU backend. Each kernel replaces several passes over memory by one; the comment above it
// shows the lines of NumPy code that it replaces.
//
// All arrays are contiguous and row-major. m is the number of rows, u the number of columns. The comment after
// an array's name is its size, in terms of the kernel's size parameters; launcher.py raises an error for any other
// size. A null pointer is allowed if the comment contains "or null".
//
// The kernels are compiled with --fmad=false, so that + - * / are rounded one by one, as in NumPy. The results equal
// those of NumPy bit for bit, with three exceptions: exp and log1p, the sums over rows, and denormal numbers (below
// 1.2e-38), which count as 0.

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

const int ROWS = 8;      // number of threads that share the sum over the rows of one column
const int STRIP = 32;    // number of adjacent columns of one block of threads
const int LANES = 32;    // number of threads of a warp, which can exchange numbers without memory
const int THREADS = 256; // number of threads of the single block that computes a mean over a minibatch

// ---- The formulas of the layers, for one number -----------------------------------------------------------

// max(0, x); NaN for NaN
__device__ float relu(float x) { return x <= 0 ? 0 : x; }

// sigma(x) = e^-max(0, -x) / (1 + e^-|x|)
__device__ float sigma(float x)
{
    float e = expf(-fabsf(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

// log(1 + e^x) = max(x, 0) + log1p(e^-|x|)
__device__ float softplus(float x) { return relu(x) + log1pf(expf(-fabsf(x))); }

// x * mask / keep, with scale = 1 / keep; x without a mask
__device__ float dropped(float x, const u8* mask, long long t, float scale)
{
    return mask ? x * (float)mask[t] * scale : x;
}

// ---- Blocks, forward: the operations after the product a = x W ----------------------------------------------

// a += b
extern "C" __global__ void bias(float* a /* m*u */, const float* b /* u */, int m, int u)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t < (long long)m * u)
        a[t] += b[t % u];
}

// a += b
// relu.forward(a, out=y)
// dropout.forward(y, mask, keep, out=h)
extern "C" __global__ void bias_relu(
    float* a /* m*u */, const float* b /* u */, const u8* mask /* m*u or null */, float scale,
    float* y /* m*u */, float* h /* m*u or null */, int m, int u)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)m * u)
        return;
    a[t] += b[t % u];
    y[t] = relu(a[t]);
    if (h)
        h[t] = dropped(y[t], mask, t, scale);
}

// a += b
// sigmoid.forward(a, out=y)
// dropout.forward(y, mask, keep, out=h)
extern "C" __global__ void bias_sigmoid(
    float* a /* m*u */, const float* b /* u */, const u8* mask /* m*u or null */, float scale,
    float* y /* m*u */, float* h /* m*u or null */, int m, int u)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)m * u)
        return;
    a[t] += b[t % u];
    y[t] = sigma(a[t]);
    if (h)
        h[t] = dropped(y[t], mask, t, scale);
}

// a += b
// maxout.forward(a, pieces, out=y)
// dropout.forward(y, mask, keep, out=h)
extern "C" __global__ void bias_maxout(
    float* a /* m*pieces*u */, const float* b /* pieces*u */, const u8* mask /* m*u or null */, float scale,
    float* y /* m*u */, float* h /* m*u or null */, int m, int pieces, int u)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)m * u)
        return;
    int j = t % u;
    float* row = a + t / u * pieces * u;
    float largest = row[j] += b[j];
    for (int p = 1; p < pieces; p++) {
        float a_p = row[p * u + j] += b[p * u + j];
        if (a_p > largest || a_p != a_p)  // a tie goes to the first piece; NaN is the maximum
            largest = a_p;
    }
    y[t] = largest;
    if (h)
        h[t] = dropped(largest, mask, t, scale);
}

// dropout.forward(x, mask, keep, out=y)
extern "C" __global__ void dropout(const float* x /* size */, const u8* mask /* size */, float scale, float* y /* size */, int size)
{
    int t = blockIdx.x * blockDim.x + threadIdx.x;
    if (t < size)
        y[t] = dropped(x[t], mask, t, scale);
}

// ---- Blocks, backward: the operations before the products dW = x^T da and dx = da W^T --------------------

// Writes the sum over the rows of a column to `sum`, unless that is null. `part` of the column's thread r is the
// sum of the rows r, r + ROWS, r + 2 ROWS, ... The parts are added in the order of r, so every run has the same sum.
__device__ void add_up(float part, float* sum)
{
    __shared__ float parts[ROWS][STRIP];
    parts[threadIdx.y][threadIdx.x] = part;
    __syncthreads();
    if (threadIdx.y > 0 || !sum)
        return;
    float total = parts[0][threadIdx.x];
    for (int r = 1; r < ROWS; r++)
        total += parts[r][threadIdx.x];
    *sum = total;
}

// db = sum of da over rows
extern "C" __global__ void bias_backward(const float* da /* m*u */, float* db /* u */, int m, int u)
{
    int j = blockIdx.x * STRIP + threadIdx.x;
    float part = 0;
    if (j < u)
        for (int i = threadIdx.y; i < m; i += ROWS)
            part += da[(long long)i * u + j];
    add_up(part, j < u ? db + j : 0);
}

// dy = dropout.backward_input(dh, mask, keep)
// relu.backward_input(dy, y, out=da)
// db = sum of da over rows
extern "C" __global__ void relu_backward(
    const float* dh /* m*u */, const u8* mask /* m*u or null */, float scale, const float* y /* m*u */,
    float* da /* m*u */, float* db /* u or null */, int m, int u)
{
    int j = blockIdx.x * STRIP + threadIdx.x;
    float part = 0;
    if (j < u)
        for (int i = threadIdx.y; i < m; i += ROWS) {
            long long t = (long long)i * u + j;
            da[t] = dropped(dh[t], mask, t, scale) * (y[t] > 0 ? 1 : 0);
            part += da[t];
        }
    add_up(part, db && j < u ? db + j : 0);
}

// dy = dropout.backward_input(dh, mask, keep)
// sigmoid.backward_input(dy, a, out=da)
// db = sum of da over rows
extern "C" __global__ void sigmoid_backward(
    const float* dh /* m*u */, const u8* mask /* m*u or null */, float scale, const float* a /* m*u */,
    float* da /* m*u */, float* db /* u or null */, int m, int u)
{
    int j = blockIdx.x * STRIP + threadIdx.x;
    float part = 0;
    if (j < u)
        for (int i = threadIdx.y; i < m; i += ROWS) {
            long long t = (long long)i * u + j;
            float e = expf(-fabsf(a[t]));
            da[t] = dropped(dh[t], mask, t, scale) * (e / ((1 + e) * (1 + e)));
            part += da[t];
        }
    add_up(part, db && j < u ? db + j : 0);
}

// dy = dropout.backward_input(dh, mask, keep)
// maxout.backward_input(dy, a, y, pieces, out=da)
// db = sum of da over rows
//
// A thread computes one column p * u + j of a: piece p of unit j. This piece gets dy_j if it is the first piece that
// equals y_j.
extern "C" __global__ void maxout_backward(
    const float* dh /* m*u */, const u8* mask /* m*u or null */, float scale, const float* a /* m*pieces*u */,
    const float* y /* m*u */, float* da /* m*pieces*u */, float* db /* pieces*u or null */, int m, int pieces, int u)
{
    int columns = pieces * u, column = blockIdx.x * STRIP + threadIdx.x;
    int p = column / u, j = column % u;
    float part = 0;
    if (column < columns)
        for (int i = threadIdx.y; i < m; i += ROWS) {
            long long t = (long long)i * u + j;
            const float* row = a + (long long)i * columns;
            bool wins = row[column] == y[t];
            for (int earlier = 0; earlier < p; earlier++)
                wins = wins && row[earlier * u + j] != y[t];
            float d = dropped(dh[t], mask, t, scale) * (wins ? 1 : 0);
            da[(long long)i * columns + column] = d;
            part += d;
        }
    add_up(part, db && column < columns ? db + column : 0);
}

// along = maxout.tangent(q, x, y, pieces)
extern "C" __global__ void maxout_tangent(
    const float* q /* m*pieces*u */, const float* x /* m*pieces*u */, const float* y /* m*u */, float* along /* m*u */, int m,
    int pieces, int u)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)m * u)
        return;
    long long first = t / u * pieces * u + t % u;
    float of_first = 0;
    for (int p = pieces - 1; p >= 0; p--)  // the first piece is the last to be read
        if (x[first + p * u] == y[t])
            of_first = q[first + p * u];
    along[t] = of_first;
}

// ---- D's last layer, which has one unit: the whole layer with its products --------------------------------

// linear.forward(x, w, b, out=a)        LANES threads for each row
extern "C" __global__ void logit(
    const float* x /* m*u */, const float* w /* u */, const float* b /* 1 */, float* a /* m */, int m, int u)
{
    int i = (blockIdx.x * blockDim.x + threadIdx.x) / LANES, lane = threadIdx.x % LANES;
    float sum = 0;
    if (i < m)
        for (int j = lane; j < u; j += LANES)
            sum += x[(long long)i * u + j] * w[j];
    for (int apart = LANES / 2; apart > 0; apart /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, apart);
    if (i < m && lane == 0)
        a[i] = sum + b[0];
}

// linear.backward_params(da, x, out=(dw, db))
// linear.backward_input(da, w, out=dx)
//
// Column u is the bias, with x = 1.
extern "C" __global__ void logit_backward(
    const float* da /* m */, const float* x /* m*u */, const float* w /* u */, float* dx /* m*u or null */,
    float* dw /* u or null */, float* db /* 1 or null */, int m, int u)
{
    int j = blockIdx.x * STRIP + threadIdx.x;
    float part = 0;
    if (j <= u)
        for (int i = threadIdx.y; i < m; i += ROWS) {
            long long t = (long long)i * u + j;
            if (j < u && dx)
                dx[t] = da[i] * w[j];
            if (dw)
                part += j < u ? x[t] * da[i] : da[i];
        }
    add_up(part, !dw || j > u ? 0 : j < u ? dw + j : db);
}

// ---- Windows on images (layers/windows.py) ------------------------------------------------------------------
//
// x (images, height, width, C); position (p, q) of a window has the pixels (stride p + u - pad, stride q + v - pad).

struct Place {
    int image, line, column, channel;
};

// The place of number t in an array (images, height, width, C).
__device__ Place place_of(long long t, int height, int width, int C)
{
    long long pixel = t / C, line = pixel / width;
    int i = line / height, h = line % height, w = pixel % width, c = t % C;
    return {i, h, w, c};
}

// P = Scratch.unfold(x)
extern "C" __global__ void unfold(
    const float* x /* images*height*width*C */, float* P /* size*size*C*images*rows*columns */, int images, int height,
    int width, int C, int size, int stride, int pad, int rows, int columns)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)size * size * C * images * rows * columns)
        return;
    long long line = t / columns, image = line / rows, channel = image / images;
    int q = t % columns, p = line % rows, i = image % images, c = channel % C;
    int v = channel / C % size, u = channel / C / size;
    int h = stride * p + u - pad, w = stride * q + v - pad;
    bool inside = 0 <= h && h < height && 0 <= w && w < width;
    P[t] = inside ? x[(((long long)i * height + h) * width + w) * C + c] : 0;
}

// x = Scratch.fold(P)
//
// A thread computes one number of x. As in NumPy, it adds over the lines u of the windows first, then over v.
extern "C" __global__ void fold(
    const float* P /* size*size*C*images*rows*columns */, float* x /* images*height*width*C */, int images, int height,
    int width, int C, int size, int stride, int pad, int rows, int columns)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)images * height * width * C)
        return;
    auto [i, h, w, c] = place_of(t, height, width, C);
    float sum = 0;
    for (int v = 0; v < size; v++) {
        int q = (w + pad - v) / stride;
        if (stride * q + v - pad != w || q < 0 || q >= columns)
            continue;
        float part = 0;
        for (int u = 0; u < size; u++) {
            int p = (h + pad - u) / stride;
            if (stride * p + u - pad == h && p >= 0 && p < rows)
                part += P[(((((long long)u * size + v) * C + c) * images + i) * rows + p) * columns + q];
        }
        sum += part;
    }
    x[t] = sum;
}

// y = max_pooling.forward(x, windows)
extern "C" __global__ void pool(
    const float* x /* images*height*width*C */, float* y /* images*rows*columns*C */, int images, int height, int width,
    int C, int size, int stride, int rows, int columns)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)images * rows * columns * C)
        return;
    auto [i, p, q, c] = place_of(t, rows, columns, C);
    int top = stride * p, left = stride * q;
    const float* image = x + (long long)i * height * width * C + c;
    float largest = image[((long long)top * width + left) * C];
    for (int h = top; h < min(top + size, height); h++)
        for (int w = left; w < min(left + size, width); w++) {
            float a = image[((long long)h * width + w) * C];
            if (a > largest || a != a)  // NaN is the maximum
                largest = a;
        }
    y[t] = largest;
}

// dx = max_pooling.backward_input(dy, x, y, windows)
//
// A thread computes one number of dx, in the order of `fold`. It gets the dy of each window in which it is the first
// that equals y.
extern "C" __global__ void pool_backward(
    const float* dy /* images*rows*columns*C */, const float* x /* images*height*width*C */,
    const float* y /* images*rows*columns*C */, float* dx /* images*height*width*C */, int images, int height, int width,
    int C, int size, int stride, int rows, int columns)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= (long long)images * height * width * C)
        return;
    auto [i, h, w, c] = place_of(t, height, width, C);
    const float* image = x + (long long)i * height * width * C + c;
    float sum = 0;
    for (int v = 0; v < size; v++) {
        int q = (w - v) / stride;
        if (stride * q + v != w || q < 0 || q >= columns)
            continue;
        float part = 0;
        for (int u = 0; u < size; u++) {
            int p = (h - u) / stride;
            if (stride * p + u != h || p < 0 || p >= rows)
                continue;
            long long at = (((long long)i * rows + p) * columns + q) * C + c;
            bool wins = x[t] == y[at];
            for (int above = h - u; above <= h; above++)
                for (int before = w - v; before < (above < h ? min(w - v + size, width) : w); before++)
                    wins = wins && image[((long long)above * width + before) * C] != y[at];
            part += dy[at] * (wins ? 1 : 0);
        }
        sum += part;
    }
    dx[t] = sum;
}

// ---- The objectives: one block of THREADS threads ---------------------------------------------------------

// The sum of `part` over all threads of the block. The result is valid in thread 0 only.
__device__ double sum_of_block(double part)
{
    __shared__ double parts[THREADS];
    parts[threadIdx.x] = part;
    for (int half = THREADS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half)
            parts[threadIdx.x] += parts[threadIdx.x + half];
    }
    return parts[0];
}

// V = objectives.value(a[:m], a[m:])
// objectives.value_gradient(a[:m], a[m:], out=(da[:m], da[m:]))
// da *= weight
extern "C" __global__ void value_with_gradient(const float* a /* 2*m */, float weight, float* da /* 2*m */, float* V /* 1 */, int m)
{
    double part = 0;
    for (int i = threadIdx.x; i < m; i += THREADS) {
        float real = a[i], fake = a[m + i];
        da[i] = sigma(-real) / (float)m * weight;
        da[m + i] = sigma(fake) / -(float)m * weight;
        part -= (double)softplus(-real) + (double)softplus(fake);
    }
    double sum = sum_of_block(part);
    if (threadIdx.x == 0)
        *V = sum / m;
}

// loss = objective.loss(a)
// objective.loss_gradient(a, out=da)
//
// minimax: sign = 1, loss = -mean softplus(a). Non-saturating: sign = -1, loss = mean softplus(-a).
extern "C" __global__ void loss_with_gradient(const float* a /* m */, float sign, float* da /* m */, float* loss /* 1 */, int m)
{
    double part = 0;
    for (int i = threadIdx.x; i < m; i += THREADS) {
        da[i] = sigma(sign * a[i]) / -(float)m;
        part -= sign * softplus(sign * a[i]);
    }
    double sum = sum_of_block(part);
    if (threadIdx.x == 0)
        *loss = sum / m;
}

// ---- The optimizer ---------------------------------------------------------------------------------------------

// v *= mu
// v -= eta * g
// theta += v
extern "C" __global__ void descend(float* theta /* size */, const float* g /* size */, float* v /* size */, float eta, float mu, int size)
{
    int t = blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= size)
        return;
    v[t] = v[t] * mu - g[t] * eta;
    theta[t] += v[t];
}

// ---- The draws, with the bits of minigan/draws/streams.py ----------------------------------------------------

// Philox4x64-10: the four 64-bit words of block n = 1, 2, ... of a draw, equal to those of numpy.random.Philox.
__device__ void philox(u64 seed, u64 stream, u64 step, u64 n, u64 words[4])
{
    u64 c0 = n, c1 = step, c2 = 0, c3 = 0, k0 = seed, k1 = stream;
    for (int round = 0; round < 10; round++) {
        u64 high0 = __umul64hi(0xD2E7470EE14C6C93, c0), low0 = 0xD2E7470EE14C6C93 * c0;
        u64 high1 = __umul64hi(0xCA5A826395121157, c2), low1 = 0xCA5A826395121157 * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B97F4A7C15;
        k1 += 0xBB67AE8584CAA73B;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
}

// z = noise.uniform(draws.generator(seed, stream, step), m, z_size), size = m * z_size
//
// As in NumPy, a uniform number is the upper 24 bits of half a word, lower half first. A thread computes the 8 numbers
// of one block.
extern "C" __global__ void uniform_noise(u64 seed, u64 stream, u64 step, float sqrt_3, float* z /* size */, int size)
{
    long long first = 8 * ((long long)blockIdx.x * blockDim.x + threadIdx.x);
    if (first >= size)
        return;
    u64 words[4];
    philox(seed, stream, step, first / 8 + 1, words);
    for (int i = 0; i < 8; i++)
        if (first + i < size) {
            u32 half = words[i / 2] >> 32 * (i % 2);
            z[first + i] = (2 * ((half >> 8) / 16777216.0f) - 1) * sqrt_3;
        }
}

// mask = draws.mask(seed, stream, step, shape, keep), for every dropout layer of D
//
// The masks are stored one after the other in blocks of 16 entries; the mask of layer l has the blocks first[l] to
// first[l + 1] - 1. The four words of a block of the draw give 16 entries. Entries past the end of a mask are not
// used. least = round(65536 keep).
extern "C" __global__ void masks(
    u64 seed, const u64* streams /* layers */, u64 step, const int* least /* layers */, const int* first /* layers+1 */,
    u8* mask /* 16*blocks */, int layers, int blocks)
{
    int t = blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= blocks)
        return;
    int l = 0;
    while (t >= first[l + 1])
        l++;
    u64 words[4];
    philox(seed, streams[l], step, t - first[l] + 1, words);
    for (int i = 0; i < 16; i++)
        mask[16 * (long long)t + i] = (words[i / 4] >> 16 * (i % 4) & 0xffff) < least[l];
}

// x = examples.gather(indices), for pixels (N, u) of 8 bits
extern "C" __global__ void gather(
    const u8* pixels /* N*u */, const int* indices /* m */, float scale, float* x /* m*u */, int N, int m, int u)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t < (long long)m * u)
        x[t] = pixels[(long long)indices[t / u] * u + t % u] * scale;
}
