//! Keys and values of models that people load, for the usual job: a share of the device, and not much more than is used.

#[path = "../../examples/support/plans.rs"]
mod support;

use pollster::block_on;
use support::{DEVICES, MODELS, table};

#[test]
fn keys_and_values_follow_the_job_and_stay_within_a_quarter_of_the_device() {
    println!("{}", block_on(table()));
    for model in &MODELS {
        for device_bytes in DEVICES {
            let what = format!("{} on {} GB", model.name, device_bytes / 1_000_000_000);
            let plan = block_on(model.on(device_bytes)).unwrap_or_else(|| panic!("{what} does not fit"));
            assert!(plan.held <= device_bytes / 4, "{what} holds {}", plan.held);
            assert!(plan.held <= 2 * plan.used, "{what} holds {}, uses {}", plan.held, plan.used);
            assert!(plan.held <= plan.most && plan.at_first <= plan.held, "{what}");
            assert!(plan.rows_live >= 8 && plan.rows_live <= plan.n_rows, "{what}: {} rows", plan.rows_live);
            // As many rows as there may be, unless that would take more than the quarter.
            assert!(plan.rows_live == plan.n_rows || plan.held > device_bytes / 5, "{what}");
            assert!(plan.weights < device_bytes, "{what}");
        }
    }
}
