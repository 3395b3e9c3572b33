"""Learns the tables of names: `python3 benches/names/train.py FOLDER [SCRIPT…]`, with numpy and anyascii.

FOLDER holds russian.tsv, arabic.tsv, chinese.tsv: Latin name, the same in the other script (letters parted by
spaces), how often the pair was seen. Writes src/names/tables/SCRIPT.txt; the same input gives the same bytes.
One name in five is never learned from: `held` here, `held_out` in benches/names.rs.

Each letter of a name stands for no letter to six Latin ones. How likely which is learned by expectation
maximisation over all ways to share out the Latin letters, first for letters alone, then between neighbours; the
pairs that fit worst (six in a hundred: other names, translations) are left out from the third round on.
"""
import sys, unicodedata, zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from anyascii import anyascii

FOLDER = Path(sys.argv[1])
TABLES = Path(__file__).resolve().parents[2] / "src/names/tables"
# Most Latin letters for a letter; least weight of a row between neighbours; what is left out when writing.
SCRIPTS = {
    "russian": (4, 4, (100, 64, 40, 0, 6)),
    "arabic": (4, 3, (100, 64, 48, 0, 3)),
    "chinese": (6, 3, (96, 44, 36, 88, 6)),
    "latin": (3, 3, (88, 60, 30, 0, 16)),
}

def fold(s):
    d = unicodedata.normalize('NFD', s)
    t = ''.join(c for c in d if not unicodedata.combining(c))
    return t.translate(str.maketrans({'ł':'l','ø':'o','đ':'d','ı':'i','ß':'ss','æ':'ae','œ':'oe','ð':'d','þ':'th','ə':'e','’':'','‘':'','\'':'','-':'','ʻ':'','ʿ':'','ʾ':'','`':'','.':''}))
LATIN = set('abcdefghijklmnopqrstuvwxyz')
def held(l): return zlib.crc32(fold(l).encode()) % 5 == 0
def clean_other(s):
    s = unicodedata.normalize('NFC', s.replace(' ', ''))
    return ''.join(c for c in s if not (unicodedata.combining(c) or c in 'ـ\u200c\u200d·-\'’ʼ'))
def load(path):
    out = []
    for line in open(path, encoding='utf-8'):
        l, o, c = line.rstrip('\n').split('\t')
        out.append((unicodedata.normalize('NFC', l), clean_other(o), int(c)))
    return out

def split(script):
    data = load(FOLDER / f'{script}.tsv')
    test = [d for d in data if held(d[0])]
    hl = {fold(d[0]) for d in test}; ho = {d[1] for d in test}
    train = [d for d in data if fold(d[0]) not in hl and d[1] not in ho]
    return data, test, train

def near(a, b):
    r = list(range(len(b) + 1))
    for i, x in enumerate(a):
        p, r[0] = r[0], i + 1
        for j, y in enumerate(b):
            p, r[j + 1] = r[j + 1], min(p + (x != y), r[j] + 1, r[j + 1] + 1)
    return r[-1] <= 0.5 * max(len(a), len(b))

def spellings():
    out = []
    for script in ('arabic', 'russian'):
        groups = defaultdict(dict)
        for l, o, n in split(script)[2]: groups[o][l] = groups[o].get(l, 0) + n
        for o, ls in sorted(groups.items()):
            ls = sorted(ls.items(), key=lambda t: (-t[1], t[0]))[:8]
            for a, x in ls:
                for b, y in ls:
                    if a != b and near(fold(a), fold(b)): out.append((a, b, min(x, y)))
                out.append((a, a, x))
    return out, [], out

def main(script, outp, K, rounds=3, min2=3):
    data, test, train = spellings() if script == 'latin' else split(script)
    print(script, len(data), len(test), len(train), flush=True)
    # common accented letters
    cc = Counter(c for l, _, n in train for c in l)
    keep = {c for c, n in cc.items() if n >= 60 and c.isalpha() and ord(c) < 0x250} | LATIN
    pairs = Counter()
    for l, o, n in train:
        a = ''.join(c if c in keep else fold(c) for c in l); a = ''.join(c for c in a if c in keep)
        b = ''.join(c for c in fold(l) if c in LATIN)
        w = 1 + np.log(n)
        if script == 'latin': o = ''.join(c if c in keep else fold(c) for c in o); o = ''.join(c for c in o if c in keep)
        if not a or not o or len(a) > 16 or len(o) > 16: continue
        if len(a) > K * len(o): continue
        if a == b: pairs[a, o] += w
        else: pairs[a, o] += w / 2; pairs[b, o] += w / 2
    pairs = [(l, o, w) for (l, o), w in sorted(pairs.items())]
    print('pairs', len(pairs), 'letters', ''.join(sorted(keep)), flush=True)
    vid = {'': 0}; uid = {'^': 0, '$': 1}
    for l, o, w in pairs:
        for c in o: uid.setdefault(c, len(uid))
        for j in range(len(l)):
            for k in range(1, K + 1):
                if j + k <= len(l): vid.setdefault(l[j:j+k], len(vid))
    V = len(vid); U = len(uid); print('V', V, 'U', U, flush=True)
    vname = [None] * V
    for v, i in vid.items(): vname[i] = v
    uname = [None] * U
    for v, i in uid.items(): uname[i] = v
    vlen = np.array([len(v) for v in vname])
    clsname = list(uname) if script != 'chinese' else [c if c in '^$' else (''.join(x for x in anyascii(c).lower() if x.isalpha()) or c) for c in uname]
    cid = {}
    for c in clsname: cid.setdefault(c, len(cid))
    cls = np.array([cid[c] for c in clsname]); cname = list(cid)
    # groups
    groups = defaultdict(list)
    for idx, (l, o, w) in enumerate(pairs): groups[len(o), len(l)].append(idx)
    # instance keys per group: [B, n, m+1, K+1] triple key
    keys = []; G = []
    for (n, m), idxs in sorted(groups.items()):
        B = len(idxs)
        src = np.zeros((B, n + 2), np.int64); src[:, n + 1] = 1
        sub = np.full((B, m + 1, K + 1), -1, np.int64)
        W = np.array([pairs[i][2] for i in idxs])
        for b, i in enumerate(idxs):
            l, o, _ = pairs[i]
            src[b, 1:n+1] = [uid[c] for c in o]
            for j in range(m + 1):
                for k in range(min(K, m - j) + 1): sub[b, j, k] = vid[l[j:j+k]]
        ctx = (cls[src[:, :-2]] * U + src[:, 1:-1]) * U + cls[src[:, 2:]]   # B,n
        key = ctx[:, :, None, None] * V + sub[:, None, :, :]
        # reachability
        i = np.arange(n)[:, None, None]; j = np.arange(m + 1)[None, :, None]; k = np.arange(K + 1)[None, None, :]
        ok = (j <= K * i) & (j + k <= m) & (m - j - k <= K * (n - 1 - i)) & (np.abs(j - i * m / n) <= 4.5)
        key = np.where(ok[None] & (sub[:, None] >= 0), key, -1)
        keys.append(key.ravel()); G.append((n, m, B, W))
    allk = np.concatenate(keys); del keys
    uk, inv = np.unique(allk, return_inverse=True); del allk
    inv = inv.astype(np.int32)
    bad = uk[0] == -1
    print('instances', len(inv), 'unique', len(uk), flush=True)
    v = uk % V; c2 = uk // V; nxt = c2 % U; u = (c2 // U) % U; prv = c2 // U // U
    if bad: v[0] = 0; u[0] = 0; nxt[0] = 0; prv[0] = 0
    k0 = u * V + v; k1 = (u * U + nxt) * V + v
    kc = cls[u] * V + v
    uc, icls = np.unique(kc, return_inverse=True); Cc = uc // V
    u0, i0 = np.unique(k0, return_inverse=True); u1, i1 = np.unique(k1, return_inverse=True)
    C0 = u0 // V; C1 = u1 // V
    q1, c1i = np.unique(C1, return_inverse=True)     # contexts level1
    q2, c2i = np.unique(u * 0 + c2, return_inverse=True)
    # base
    lp = np.array([0.12, 0.62, 0.2, 0.05, 0.01, 0.004, 0.002])[:K + 1]
    base = lp[vlen] * (1 / 22.0) ** vlen
    def norm(cnt, ctx, size, prior, d):
        tot = np.bincount(ctx, cnt, size)
        return (cnt + d * prior) / (tot[ctx] + d)
    def estep(P, wts=None):
        if bad: P = P.copy(); P[0] = 0
        E = np.zeros(len(uk)); pos = 0; LL = []
        for g, (n, m, B, W) in enumerate(G):
            sz = B * n * (m + 1) * (K + 1)
            ii = inv[pos:pos+sz].reshape(B, n, m + 1, K + 1); pos += sz
            p = P[ii]
            F = np.zeros((B, n + 1, m + 1)); F[:, 0, 0] = 1
            for i in range(n):
                for k in range(min(K, m) + 1):
                    F[:, i + 1, k:] += F[:, i, :m + 1 - k] * p[:, i, :m + 1 - k, k]
            R = np.zeros((B, n + 1, m + 1)); R[:, n, m] = 1
            for i in range(n - 1, -1, -1):
                for k in range(min(K, m) + 1):
                    R[:, i, :m + 1 - k] += p[:, i, :m + 1 - k, k] * R[:, i + 1, k:]
            Z = F[:, n, m]
            ll = np.log(np.maximum(Z, 1e-300)) / (m + 1)
            LL.append(ll)
            w = W.copy()
            if wts is not None: w = w * (ll > wts)
            w = np.where(Z > 0, w / np.maximum(Z, 1e-300), 0)
            for k in range(min(K, m) + 1):
                x = F[:, :n, :m + 1 - k] * p[:, :, :m + 1 - k, k] * R[:, 1:, k:] * w[:, None, None]
                E += np.bincount(ii[:, :, :m + 1 - k, k].ravel(), x.ravel(), len(uk))
        LL = np.concatenate(LL)
        return E, LL
    P = base[v]
    thr = None
    for it in range(9 + rounds):
        E, LL = estep(P, thr)
        if it >= 2: thr = np.quantile(LL, 0.06)
        e0 = np.bincount(i0, E, len(u0))
        ec = np.bincount(icls, E, len(uc))
        pc = norm(ec, Cc, U, base[uc % V], 1.0)
        g0 = np.unique(k0, return_index=True)[1]
        p0 = norm(e0, C0, U, pc[icls[g0]], 2.0) if script == 'chinese' else norm(e0, C0, U, base[u0 % V], 1.0)
        P = p0[i0]
        if it >= 7:
            e1 = np.bincount(i1, E, len(u1))
            f0 = np.unique(k1, return_index=True)[1]
            p1 = norm(e1, c1i, len(q1), p0[i0[f0]], 3.0)
            p2 = norm(E, c2i, len(q2), p1[i1], 4.0)
            P = p2
        print(it, 'll', LL.mean(), 'thr', thr, flush=True)
    def cost(p): return min(255, int(round(-16 * float(np.log(p)))))
    out = open(outp, 'w', encoding='utf-8')
    out.write('letters ' + ''.join(sorted(keep)) + '\n')
    size = []
    def dump(cnt, ctx, p, par, d, name, mintot, minc, minp):
        """Only what the level below does not already say."""
        tot = np.bincount(ctx, cnt); gamma = d / (tot + d)
        rows = defaultdict(list); k = 0
        good = (cnt > minc) & (p > minp) & (p > 1.35 * gamma[ctx] * par) & (tot[ctx] > mintot)
        for x in np.nonzero(good)[0]: rows[ctx[x]].append(x)
        for c in sorted(rows, key=name):
            xs = sorted(rows[c], key=lambda x: (-p[x], x)); k += len(xs)
            out.write(name(c) + ' ' + str(cost(gamma[c])) + ' ' + ' '.join(f'{vn(x)} {cost(p[x])}' for x in xs) + '\n')
        size.append(k)
    if script == 'chinese':
        vn = lambda x: vname[uc[x] % V] or '-'
        dump(ec, Cc, pc, base[uc % V], 1.0, lambda c: '=' + cname[c], 2, 1.5, 1e-3)
    vn = lambda x: vname[u0[x] % V] or '-'
    dump(e0, C0, p0, pc[icls[g0]] if script == 'chinese' else base[u0 % V], 2.0 if script == 'chinese' else 1.0, lambda c: uname[c], 0.5, 0.4, 6e-4)
    vn = lambda x: vname[u1[x] % V] or '-'
    dump(e1, c1i, p1, p0[i0[f0]], 3.0, lambda c: uname[q1[c] // U] + '|' + cname[q1[c] % U], min2 * 2, 0.8, 5e-3)
    vn = lambda x: vname[uk[x] % V] or '-'
    dump(E, c2i, p2, p1[i1], 4.0, lambda c: cname[q2[c] // U // U] + '|' + uname[q2[c] // U % U] + '|' + cname[q2[c] % U], min2 * 4, 1.5, 2e-2)
    out.close(); print('entries', size)


def slim(lines, limits):
    """Leaves out what is rare, and the rows that say what the wider row says already."""
    l0, l1, l2, lc, far_enough = limits
    rows, order = {}, []
    for line in lines[1:]:
        f = line.split(' ')
        rows[f[0]] = (int(f[1]), {f[i]: int(f[i + 1]) for i in range(2, len(f) - 1, 2)})
        order.append(f[0])

    def wider(unit):
        p = unit.split('|')
        if len(p) == 3:
            return p[1] + '|' + p[2] if p[1] + '|' + p[2] in rows else p[1]
        return p[0] if len(p) == 2 else None

    def cost(unit, latin):
        so_far = 0
        while unit is not None:
            if unit in rows:
                others, costs = rows[unit]
                if latin in costs:
                    return so_far + costs[latin]
                so_far += others
            unit = wider(unit)
        return 999

    out = [lines[0]]
    for unit in order:
        neighbours = unit.count('|')
        limit = lc if unit[0] == '=' and len(unit) > 1 else (l0, l1, l2)[neighbours]
        others, costs = rows[unit]
        keep = {v: c for v, c in costs.items() if c <= limit or v == '-' and c <= 80}
        if neighbours:
            far = max((abs(cost(wider(unit), v) - c) for v, c in keep.items() if c <= 24), default=0)
            if far < far_enough:
                continue
        if keep:
            out.append(unit + ' ' + str(others) + ''.join(f' {v} {c}' for v, c in keep.items()))
    return out


if __name__ == '__main__':
    for script in sys.argv[2:] or SCRIPTS:
        reach, least, limits = SCRIPTS[script]
        path = TABLES / f'{script}.txt'
        main(script, path, reach, min2=least)
        lines = path.read_text(encoding='utf-8').splitlines()
        path.write_text('\n'.join(slim(lines, limits)) + '\n', encoding='utf-8')
