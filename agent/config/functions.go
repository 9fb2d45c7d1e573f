package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are what expressions that are folded when the configuration is
// loaded can call. They mean what Terraform's functions of these names mean.
//
//	text      format join lower upper replace split substr trim trimprefix trimsuffix trimspace
//	patterns  regex (RE2; the whole match, or the groups)
//	numbers   abs ceil floor max min
//	lists     concat contains flatten length reverse slice sort toset
//	objects   keys lookup merge values
//	others    can try coalesce tobool tonumber tostring env
//
// Not one of them reads a clock, a file or chance. All but env yield the same
// on every gateway.
var functions = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc,
	"max": stdlib.MaxFunc, "min": stdlib.MinFunc,

	"format": formatFunction, "join": stdlib.JoinFunc, "split": stdlib.SplitFunc, "replace": stdlib.ReplaceFunc,
	"lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "substr": stdlib.SubstrFunc,
	"trim": stdlib.TrimFunc, "trimspace": stdlib.TrimSpaceFunc,
	"trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc,
	"regex": stdlib.RegexFunc,

	"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
	"flatten": stdlib.FlattenFunc, "length": lengthFunction, "reverse": stdlib.ReverseListFunc,
	"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"keys": stdlib.KeysFunc, "values": stdlib.ValuesFunc, "lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc,

	"can": tryfunc.CanFunc, "try": tryfunc.TryFunc, "coalesce": stdlib.CoalesceFunc,
	"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String),
	"env": envFunction,
}

// multiplying are the functions whose result can be as large as the product of
// their arguments, not only as large as their sum.
var multiplying = map[string]bool{"join": true, "replace": true}

// evalContext is what every folded expression may use.
func evalContext() *hcl.EvalContext {
	return &hcl.EvalContext{Functions: functions}
}

// envFunction is env("NAME"): the value of an environment variable that is set.
var envFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "name", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		name := args[0].AsString()
		value, ok := os.LookupEnv(name)
		if !ok {
			return cty.NilVal, function.NewArgErrorf(0, "the environment variable %s is not set. Set it where tocsin is started, such as in the service's EnvironmentFile", name)
		}
		return cty.StringVal(value), nil
	},
})

// lengthFunction is the number of elements, or of characters of a text.
var lengthFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		switch t := args[0].Type(); {
		case t == cty.String:
			return stdlib.Strlen(args[0])
		case t.IsTupleType() || t.IsObjectType() || t.IsCollectionType():
			return cty.NumberIntVal(int64(args[0].LengthInt())), nil
		}
		return cty.NilVal, function.NewArgErrorf(0, "a %s has no length", args[0].Type().FriendlyName())
	},
})

// wideVerb is a verb of format that would pad its value to a thousand
// characters or more.
var wideVerb = regexp.MustCompile(`%[^%a-zA-Z]*([0-9]{4,}|\*)`)

// formatFunction is the library's format within bounds.
var formatFunction = function.New(&function.Spec{
	Params:   []function.Parameter{{Name: "format", Type: cty.String}},
	VarParam: &function.Parameter{Name: "args", Type: cty.DynamicPseudoType, AllowNull: true},
	Type:     function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if wideVerb.MatchString(args[0].AsString()) {
			return cty.NilVal, function.NewArgErrorf(0, "a verb has a width of four digits or more")
		}
		return stdlib.Format(args[0], args[1:]...)
	},
})

// conversionError says which part of a value cannot be converted, and why, as
// the rest of a sentence; nothing when it is the value as a whole.
func conversionError(err error) string {
	var path cty.PathError
	if errors.As(err, &path) && len(path.Path) > 0 {
		return fmt.Sprintf(", and of %s: %v", pathText(path.Path), path)
	}
	return ""
}

// pathText names a part of a value: element 2, member "cellar".
func pathText(path cty.Path) string {
	step, ok := path[len(path)-1].(cty.GetAttrStep)
	if ok {
		return fmt.Sprintf("its member %s", step.Name)
	}
	key, err := convert.Convert(path[len(path)-1].(cty.IndexStep).Key, cty.String)
	if err != nil || !key.IsKnown() || key.IsNull() {
		return "one of its elements"
	}
	return fmt.Sprintf("its element %s", key.AsString())
}
