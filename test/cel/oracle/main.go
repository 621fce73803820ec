// SPDX-License-Identifier: Apache-2.0

// The oracle of test_differential.py: one JSON line {"expr": …} in, one typed value or error out.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
)

type object map[string]any

func encode(v ref.Val) (object, error) {
	switch x := v.(type) {
	case types.Null:
		return object{"t": "null"}, nil
	case types.Bool:
		return object{"t": "bool", "v": bool(x)}, nil
	case types.Int:
		return object{"t": "int", "v": strconv.FormatInt(int64(x), 10)}, nil
	case types.Uint:
		return object{"t": "uint", "v": strconv.FormatUint(uint64(x), 10)}, nil
	case types.Double:
		if math.IsNaN(float64(x)) {
			return object{"t": "double", "v": "NaN"}, nil
		}
		return object{"t": "double", "bits": fmt.Sprintf("%016x", math.Float64bits(float64(x)))}, nil
	case types.String:
		return object{"t": "string", "v": string(x)}, nil
	case types.Bytes:
		return object{"t": "bytes", "v": hex.EncodeToString([]byte(x))}, nil
	case types.Timestamp:
		return object{"t": "timestamp", "v": x.Time.UTC().Format(time.RFC3339Nano)}, nil
	case types.Duration:
		return object{"t": "duration", "v": strconv.FormatInt(int64(x.Duration), 10)}, nil
	case *types.Type:
		return object{"t": "type", "v": x.TypeName()}, nil
	case *types.Optional:
		if !x.HasValue() {
			return object{"t": "optional", "v": nil}, nil
		}
		inner, err := encode(x.GetValue())
		return object{"t": "optional", "v": inner}, err
	case traits.Mapper:
		out := [][]object{}
		for it := x.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			key, err := encode(k)
			if err != nil {
				return nil, err
			}
			value, err := encode(x.Get(k))
			if err != nil {
				return nil, err
			}
			out = append(out, []object{key, value})
		}
		return object{"t": "map", "v": out}, nil
	case traits.Lister:
		out := []object{}
		for it := x.Iterator(); it.HasNext() == types.True; {
			one, err := encode(it.Next())
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
		return object{"t": "list", "v": out}, nil
	}
	return nil, fmt.Errorf("no encoding for %T", v)
}

func evaluate(env *cel.Env, text string) (object, error) {
	ast, iss := env.Compile(text)
	if iss.Err() != nil {
		return nil, iss.Err()
	}
	prg, err := env.Program(ast)
	if err != nil {
		return nil, err
	}
	v, _, err := prg.Eval(map[string]any{
		"i": int64(7), "u": uint64(3), "d": 2.5, "s": "héllo", "b": true,
		"l": []int64{1, 2, 3}, "ls": []string{"a", "bc", "é"}, "m": map[string]int64{"a": 1, "b": 2},
		"x": "dyn", "t": time.Date(2024, 2, 29, 13, 14, 15, 123456789, time.UTC),
	})
	if err != nil {
		return nil, err
	}
	return encode(v)
}

// bench prints what bench_cel measures: nanoseconds of compile and check, and of one evaluation.
func bench(policy string) error {
	env, err := cel.NewEnv(cel.Variable("tool", cel.StringType), cel.Variable("host", cel.StringType),
		cel.Variable("args", cel.ListType(cel.StringType)))
	if err != nil {
		return err
	}
	const compiles, evals, rounds = 500, 50000, 7
	vars := map[string]any{"tool": "Bash", "host": "c.com", "args": []string{"rm", "-rf"}}
	bestCompile, bestEval := math.Inf(1), math.Inf(1)
	for r := 0; r < rounds; r++ {
		start := time.Now()
		for i := 0; i < compiles; i++ {
			if _, iss := env.Compile(policy); iss.Err() != nil {
				return iss.Err()
			}
		}
		bestCompile = math.Min(bestCompile, float64(time.Since(start).Nanoseconds())/compiles)
		ast, _ := env.Compile(policy)
		prg, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(100000))
		if err != nil {
			return err
		}
		start = time.Now()
		for i := 0; i < evals; i++ {
			if v, _, err := prg.Eval(vars); err != nil || v != types.True {
				return fmt.Errorf("%v %v", v, err)
			}
		}
		bestEval = math.Min(bestEval, float64(time.Since(start).Nanoseconds())/evals)
	}
	fmt.Printf("%.0f %.1f\n", bestCompile, bestEval)
	return nil
}

func main() {
	if len(os.Args) == 2 {
		if err := bench(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	env, err := cel.NewEnv(
		cel.Variable("i", cel.IntType), cel.Variable("u", cel.UintType), cel.Variable("d", cel.DoubleType),
		cel.Variable("s", cel.StringType), cel.Variable("b", cel.BoolType),
		cel.Variable("l", cel.ListType(cel.IntType)), cel.Variable("ls", cel.ListType(cel.StringType)),
		cel.Variable("m", cel.MapType(cel.StringType, cel.IntType)), cel.Variable("x", cel.DynType),
		cel.Variable("t", cel.TimestampType),
		cel.OptionalTypes(), ext.Strings(), ext.Math(), ext.Encoders(), ext.Bindings(), ext.Sets(), ext.Lists(),
		ext.TwoVarComprehensions())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<20)
	for in.Scan() {
		var line struct{ Expr string }
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		answer := object{}
		if v, err := evaluate(env, line.Expr); err != nil {
			answer["error"] = err.Error()
		} else {
			answer["value"] = v
		}
		text, _ := json.Marshal(answer)
		out.Write(append(text, '\n'))
	}
}
