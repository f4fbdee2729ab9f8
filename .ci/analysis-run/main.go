// Judges a metric of an AnalysisTemplate as the controller of Argo Rollouts does: with its own resolver of arguments, its own
// Prometheus provider and its own conditions. Prints the phase of one measurement.
//
//	analysis-run <template.yaml> migration=orders prometheus=http://127.0.0.1:9090  ->  Successful | Failed | Inconclusive | Error: ...
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	provider "github.com/argoproj/argo-rollouts/metricproviders/prometheus"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	templates "github.com/argoproj/argo-rollouts/utils/template"
	"github.com/sirupsen/logrus"
	"sigs.k8s.io/yaml"
)

func main() {
	measurement, err := measure(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(strings.TrimSuffix(fmt.Sprintf("%s: %s", measurement.Phase, measurement.Message), ": "))
}

func measure(path string, given []string) (*v1alpha1.Measurement, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var template v1alpha1.AnalysisTemplate
	if err := yaml.UnmarshalStrict(text, &template); err != nil {
		return nil, err
	}
	args := template.Spec.Args
	for index, arg := range args {
		for _, one := range given {
			if name, value, _ := strings.Cut(one, "="); name == arg.Name {
				args[index].Value = &value
			}
		}
	}
	unresolved, err := json.Marshal(template.Spec.Metrics[0])
	if err != nil {
		return nil, err
	}
	resolved, err := templates.ResolveQuotedArgs(string(unresolved), args)
	if err != nil {
		return nil, err
	}
	var metric v1alpha1.Metric
	if err := json.Unmarshal([]byte(resolved), &metric); err != nil {
		return nil, err
	}
	api, err := provider.NewPrometheusAPI(metric)
	if err != nil {
		return nil, err
	}
	asker, err := provider.NewPrometheusProvider(api, *logrus.NewEntry(logrus.New()), metric)
	if err != nil {
		return nil, err
	}
	measurement := asker.Run(nil, metric)
	return &measurement, nil
}
